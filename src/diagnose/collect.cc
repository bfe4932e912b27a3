// SPDX-License-Identifier: MIT
#include "diagnose/collect.h"

#include <fmt/format.h>

#include <variant>

#include "client/control_client.h"
#include "client/disk_question.h"
#include "client/helper_connection.h"

namespace prh::ctl {
namespace {

constexpr char kSysfs[] = "/sys";

/// A text, up to the NUL that ends it.
std::string text_of(const std::string& reply) { return reply.substr(0, reply.find('\0')); }

/// By who made its sockets, as our namespace numbers processes. What the helper says of itself is no help: in
/// a container that is a number of the container, and another process has it here.
std::optional<HelperProcess> process_of(pid_t socket, pid_t control,
                                        const std::optional<HelperState>& state) {
    constexpr std::size_t kKernelName = 15;
    const auto is_it = [&](const HelperProcess& process) {
        if (!state) return process.pid != 1 && process.name != "systemd";
        return process.name == state->helper.program.substr(0, kKernelName);
    };
    for (const pid_t pid : {socket, control})  // the first is systemd's where that passed the socket
        if (auto process = helper_process(pid); process && is_it(*process)) return process;
    return std::nullopt;
}

Expected<ReportCapabilitiesData> capabilities_of(HelperConnection& helper, FdRef device,
                                                 std::vector<std::string>& attentions) {
    const Expected<Answer> answer =
        read_from_disk(helper, device, PrInAction::ReportCapabilities, attentions);
    if (!answer) return tl::unexpected<Failure>(answer.error());
    return std::get<ReportCapabilitiesData>(*answer);
}

}  // namespace

HelperView collect_helper(const CommonOptions& common) {
    HelperView view;
    view.socket = common.socket;
    view.control = common.control;
    const Expected<StateAnswer> answer = ask_state(common.control, common.timeout);
    if (!answer)
        view.no_state = answer.error().message;
    else if (Expected<HelperState> state = parse_state(answer->line); !state)
        view.no_state = state.error().message;
    else
        view.state = std::move(*state);
    const Expected<HelperConnection> helper = HelperConnection::open(common.socket, common.timeout);
    if (!helper) view.unreachable = helper.error();
    view.process = process_of(helper ? helper->peer() : 0, answer ? answer->peer : 0, view.state);
    return view;
}

MultipathdView collect_multipathd(MultipathdSocket& multipathd) {
    const auto reply = multipathd.ask("show config local");
    if (!reply) return {reply.error().text, ""};
    std::string config = text_of(*reply);
    if (config.find("defaults {") == std::string::npos) return {"it answers what is no configuration", ""};
    return {"", std::move(config)};
}

DiskFacts collect_disk(const CommonOptions& common, const HelperView& helper, MultipathdSocket* multipathd,
                       const std::string& node, FdRef device) {
    DiskFacts facts;
    facts.disk = local_disk(device, node, kSysfs);
    if (multipathd != nullptr && facts.disk.several_paths())
        if (const auto reply = multipathd->ask(fmt::format("show map {} json", facts.disk.map)))
            facts.map_state = parse_map_state(text_of(*reply));
    if (helper.unreachable) {
        facts.answer = fail(helper.unreachable->exit_code, "the helper cannot be reached");
        return facts;
    }
    Expected<HelperConnection> connection = HelperConnection::open(common.socket, common.timeout);
    if (!connection) {
        facts.answer = tl::unexpected<Failure>(connection.error());
        return facts;
    }
    facts.answer = ask_disk(*connection, device);
    if (facts.answer) facts.capabilities = capabilities_of(*connection, device, facts.answer->attentions);
    return facts;
}

}  // namespace prh::ctl
