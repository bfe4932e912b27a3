// SPDX-License-Identifier: MIT
#include "diagnose/disk_checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "client/words.h"
#include "diagnose/dangers.h"
#include "scsi/names.h"

namespace prh::ctl {
namespace {

constexpr ReservationType kClusters = ReservationType::WriteExclusiveRegistrantsOnly;

std::string types_of(const ReportCapabilitiesData& capabilities) {
    std::vector<int> types;
    for (const ReservationType type : kReservationTypes)
        if (capabilities.supports(type)) types.push_back(static_cast<int>(type));
    return fmt::format("types {}", fmt::join(types, ", "));
}

}  // namespace

Diagnosis check_support(const DiskFacts& view) {
    constexpr char kCheck[] = "support";
    if (view.disk.kind == DeviceKind::Other)
        return {kCheck, Judgement::Wrong,
                "this is no whole SCSI disk, no multipath map, no /dev/sgN and no regular file: it has no "
                "persistent "
                "reservations, and the helper serves none for it"};
    if (!view.answer) {
        const ExitCode code = view.answer.error().exit_code;
        if (code == ExitCode::InvalidOperationCode)
            return {
                kCheck, Judgement::Wrong,
                "the disk has no persistent reservations, or the helper does not serve it (a list of disks, "
                "multipath maps switched off, or a map of disks that are no paths; its log says so): " +
                    view.answer.error().message};
        return {kCheck, Judgement::Wrong, "the disk does not answer: " + view.answer.error().message};
    }
    if (!view.capabilities)
        return {kCheck, Judgement::Warning,
                "the disk has persistent reservations, but does not tell which: " +
                    view.capabilities.error().message};
    const ReportCapabilitiesData& can = *view.capabilities;
    if (can.type_mask_valid && !can.supports(kClusters))
        return {kCheck, Judgement::Wrong,
                fmt::format("the disk does not support type 5 ({}), which Windows failover clusters and "
                            "fence_scsi take; it has {}",
                            name(kClusters), types_of(can))};
    if (!can.persist_through_power_loss)
        return {kCheck, Judgement::Warning,
                fmt::format("the disk forgets registrations when it loses power (PTPL_C is 0): from then on "
                            "nobody is fenced until the cluster has registered anew. Otherwise: {}",
                            can.type_mask_valid ? types_of(can) : "types not told")};
    return {kCheck, Judgement::Ok,
            fmt::format("{}; registrations can survive a loss of power{}",
                        can.type_mask_valid ? types_of(can) : "the disk does not tell which types it has",
                        can.persist_activated ? ", and do" : "")};
}

Diagnoses check_registrations(const HelperView& helper, const DiskFacts& view) {
    if (!view.answer) return {{"registrations", Judgement::NotChecked, "the disk does not tell them"}};
    const Picture picture = picture_of(view.disk, *view.answer);
    const bool persist = view.capabilities && view.capabilities->persist_activated;
    Diagnoses found = dangers_of(view.disk, *view.answer, picture, {helper.socket, view.disk.node, persist});
    if (!found.empty()) return found;
    const auto key = picture.own_key();
    std::string words = "this host has registered no key";
    if (key)
        words = picture.paths.size() == 1 ? fmt::format("key {}", to_string(key->key))
                                          : fmt::format("key {} on each of {}", to_string(key->key),
                                                        count_of(picture.paths.size(), "path"));
    return {{"registrations", Judgement::Ok, fmt::format("{}; held by: {}", words, holder_of(*view.answer))}};
}

Diagnosis check_nexus(const HelperView& helper, const DiskFacts& view) {
    constexpr char kCheck[] = "clients";
    if (!helper.state)
        return {kCheck, Judgement::NotChecked,
                "who has registered through the helper, its control socket tells"};
    const DeviceState* const device = helper.device(view.disk);
    const std::size_t count = device != nullptr ? device->registrants.size() : 0;
    if (count == 0) return {kCheck, Judgement::Ok, "no client that is connected has registered"};
    std::vector<std::string> names;
    for (const Registrant& one : device->registrants) names.push_back(who(one.name, one.pid));
    if (count == 1) return {kCheck, Judgement::Ok, "registered through this helper: " + names.front()};
    return {kCheck, Judgement::Wrong,
            fmt::format(
                "{} are one initiator to this disk: one takes the other's registration and reservation "
                "for its own, and neither is fenced. Run them on different hosts, or give each a way of its "
                "own to the disk (an NPIV port, a session of iSCSI); with this option the second one is "
                "refused",
                fmt::join(names, " and ")),
            helper.process ? restart_with(*helper.process, "--shared-nexus=deny") : Fix{}};
}

}  // namespace prh::ctl
