// SPDX-License-Identifier: MIT
// The checks that are about multipath maps: what multipathd is told to do, and for how long paths keep
// commands.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/words.h"
#include "diagnose/disk_checks.h"
#include "diagnose/fixes.h"
#include "diagnose/picture.h"
#include "scsi/names.h"

namespace prh::ctl {
namespace {

/// For this map alone: it wins over every other section, and over what multipathd knows of the array.
Fix section_of_map(const std::string& wwid, std::string_view line) {
    return multipath_section(
        fmt::format("multipaths {{\n    multipath {{\n        wwid {}\n        {}\n    }}\n}}", wwid, line));
}

Diagnosis check_reservation_key(const MultipathdView& multipathd, const DiskFacts& view) {
    constexpr char kCheck[] = "reservation_key";
    constexpr char kLine[] = "reservation_key file";
    if (!multipathd.problem.empty())
        return {kCheck, Judgement::NotChecked, "only multipathd tells: " + multipathd.problem};
    const auto value = configured_for_map(multipathd.config, view.disk.wwid, "reservation_key");
    if (value == "file")
        return {kCheck, Judgement::Ok,
                "file: multipathd registers a path that comes back with the guest's key"};
    if (!value)
        return {kCheck, Judgement::Wrong,
                "multipathd has none: a path that comes back may be used before the helper has registered "
                "it, and "
                "I/O down it is refused for that moment",
                multipath_section(fmt::format("defaults {{\n    {}\n}}", kLine))};
    return {kCheck, Judgement::Wrong,
            fmt::format(
                "multipathd registers paths that come back with the fixed key {}, whatever the guest's is",
                *value),
            section_of_map(view.disk.wwid, kLine)};
}

Diagnosis check_queueing(const MultipathdView& multipathd, const DiskFacts& view) {
    constexpr char kCheck[] = "queue_if_no_path";
    if (!multipathd.problem.empty())
        return {kCheck, Judgement::NotChecked, "only multipathd tells: " + multipathd.problem};
    if (!view.map_state) return {kCheck, Judgement::NotChecked, "multipathd does not know this map"};
    const std::string& queueing = view.map_state->queueing;
    if (queueing == "on")
        return {
            kCheck, Judgement::Wrong,
            "while no path is left, I/O waits for ever: the guest hangs instead of failing over, and what "
            "waits is written when a path comes back",
            section_of_map(view.disk.wwid, "no_path_retry fail")};
    if (queueing == "off" || queueing == "-")
        return {kCheck, Judgement::Ok, "off: without a path, I/O fails at once, and the cluster can act"};
    return {kCheck, Judgement::Ok, fmt::format("bounded ({}): I/O fails when no path comes back", queueing)};
}

Diagnosis check_giving_up(const DiskFacts& view) {
    constexpr char kCheck[] = "fast_io_fail_tmo";
    constexpr std::int64_t kMost = 30;  // seconds: a Linux guest waits no longer
    std::vector<std::string> slow;
    bool told = false;
    for (const LocalPath& path : view.disk.paths) {
        if (!path.giving_up) continue;
        told = true;
        if (!path.giving_up->seconds)
            slow.push_back(path.name + " (never)");
        else if (*path.giving_up->seconds > kMost)
            slow.push_back(fmt::format("{} ({} s)", path.name, *path.giving_up->seconds));
    }
    if (!told) return {kCheck, Judgement::Ok, "the transport of these paths has none"};
    if (slow.empty())
        return {kCheck, Judgement::Ok, "a path that is lost fails its commands before a guest gives up"};
    return {kCheck, Judgement::Warning,
            fmt::format(
                "{}: so long a path that is lost keeps its commands, and a guest gives up after 30 s (Linux) "
                "or 60 s (Windows)",
                fmt::join(slow, ", ")),
            multipath_section("defaults {\n    fast_io_fail_tmo 5\n}")};
}

Diagnosis check_paths(const DiskFacts& view) {
    std::vector<std::string> down;
    for (const LocalPath& path : view.disk.paths)
        if (!path.up())
            down.push_back(fmt::format("{} ({})", path.name, path.state.empty() ? "gone" : path.state));
    const std::size_t all = view.disk.paths.size();
    std::vector<std::string> unservable;
    for (const LocalPath& path : view.disk.paths)
        if (!path.unservable.empty()) unservable.push_back(fmt::format("{}: {}", path.name, path.unservable));
    if (!unservable.empty())
        return {
            "paths", Judgement::Wrong,
            fmt::format("the helper cannot use {}. {}", fmt::join(unservable, "; "),
                        unservable.size() == all
                            ? "It refuses every reservation command for this map (05/20/00), and nothing "
                              "on this host changes that but disks with a VPD page 83h of one logical unit"
                            : "Take these disks out of the map, or let them tell the map's logical unit in "
                              "VPD page 83h")};
    if (down.size() == all)
        return {"paths", Judgement::Wrong, "no path is up: " + fmt::format("{}", fmt::join(down, ", "))};
    if (!down.empty())
        return {"paths", Judgement::Warning,
                fmt::format("down: {}, of {}", fmt::join(down, ", "), count_of(all, "path"))};
    if (all == 1)
        return {"paths", Judgement::Warning, "the map has one path: when it fails, the disk is gone"};
    return {"paths", Judgement::Ok, fmt::format("{}, all up", count_of(all, "path"))};
}

}  // namespace

Diagnoses check_multipath(const MultipathdView& multipathd, const DiskFacts& view) {
    const LocalDisk& disk = view.disk;
    if (!disk.holders.empty())
        return {
            {"paths",
             Judgement::Wrong,
             fmt::format("{} is one path of the map {}: who registers through it has registered this path "
                         "alone. Give the machine the map, and look at that",
                         disk.name, fmt::join(disk.holders, ", ")),
             {"run", fmt::format("prhelperctl doctor /dev/mapper/{}", shell_word(disk.holders.front()))}}};
    if (!disk.several_paths()) return {};
    return {check_paths(view), check_reservation_key(multipathd, view), check_queueing(multipathd, view),
            check_giving_up(view)};
}

}  // namespace prh::ctl
