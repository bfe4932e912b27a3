// SPDX-License-Identifier: MIT
#include "diagnose/show_tool.h"

#include <fmt/format.h>

#include <memory>

#include "client/device_node.h"
#include "client/standard_output.h"
#include "client/words.h"
#include "diagnose/collect.h"
#include "diagnose/dangers.h"
#include "diagnose/outcome_text.h"

namespace prh::ctl {
namespace {

Expected<Shown> look_at(const CommonOptions& common, const std::string& node) {
    const Expected<UniqueFd> device = open_device(node, true);
    if (!device) return tl::unexpected<Failure>(device.error());
    const HelperView helper = collect_helper(common);
    if (helper.unreachable) return tl::unexpected<Failure>(*helper.unreachable);
    Shown shown;
    shown.facts = collect_disk(common, helper, nullptr, node, device->ref());
    if (!shown.facts.answer && shown.facts.disk.kind == DeviceKind::Other)
        return fail(
            shown.facts.answer.error().exit_code,
            fmt::format("{} is no disk that a helper serves ({})", node, shown.facts.answer.error().message));
    if (!shown.facts.answer) return tl::unexpected<Failure>(shown.facts.answer.error());
    const DiskAnswer& answer = *shown.facts.answer;
    shown.picture = picture_of(shown.facts.disk, answer);
    const bool persist = shown.facts.capabilities && shown.facts.capabilities->persist_activated;
    shown.dangers = dangers_of(shown.facts.disk, answer, shown.picture, {common.socket, node, persist});
    shown.no_clients = helper.no_state;
    if (const DeviceState* const seen = helper.device(shown.facts.disk))
        for (const Registrant& one : seen->registrants) shown.clients.push_back(who(one.name, one.pid));
    return shown;
}

ExitCode show(const CommonOptions& common, const std::string& node) {
    const Expected<Shown> shown = look_at(common, node);
    if (!shown) return print_failure("show", shown.error(), common.json);
    return print(common.json ? show_json(*shown, common.socket) : show_text(*shown));
}

}  // namespace

Tool show_tool() {
    const auto node = std::make_shared<std::string>();
    return {
        "show",
        "show who is registered with a disk, by path",
        "Asks the disk through the helper, and lays what it says over the paths of this host: which path "
        "has which key, which one holds the reservation, who else is registered. A path without the key of "
        "the others, or with another one, is pointed out, and a registration that nobody uses. Needs no "
        "more than to open DEVICE for reading; with --control it tells which machines have registered.",
        "show /dev/mapper/mpatha\n"
        "show --json /dev/sdb | jq -r '.dangers[].words'",
        true,
        {{"DEVICE", "", "multipath map, disk or /dev/sg*; an emulated disk's file", node.get(), true}},
        [node](const CommonOptions& common) { return show(common, *node); }};
}

}  // namespace prh::ctl
