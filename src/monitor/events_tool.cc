// SPDX-License-Identifier: MIT
#include "monitor/events_tool.h"

#include <fmt/format.h>

#include <memory>

#include "client/control_client.h"
#include "client/standard_output.h"
#include "client/stop_signals.h"
#include "monitor/event_line.h"

namespace prh::ctl {
namespace {

ExitCode show_events(const CommonOptions& common, bool reads) {
    const StopSignals signals;
    Expected<ControlClient> client =
        ControlClient::ask(common.control, reads ? "events reads" : "events", common.timeout);
    if (!client) return print_failure("events", client.error(), common.json);
    while (true) {
        // There may be no event for days.
        Expected<ControlClient::Line> line = client->next_line(signals.descriptor(), {});
        if (!line) return print_failure("events", line.error(), common.json);
        if (!line->text && line->end == ControlClient::End::Interrupted) return ExitCode::Success;
        if (!line->text)
            return print_failure(
                "events",
                {ExitCode::Other, fmt::format("the helper at {} has ended the stream: it was "
                                              "stopped or restarted",
                                              common.control)},
                common.json);
        const ExitCode printed = print((common.json ? *line->text : event_line(*line->text)) + "\n");
        if (printed != ExitCode::Success) return printed;
    }
}

}  // namespace

Tool events_tool() {
    const auto reads = std::make_shared<bool>(false);
    return {
        "events",
        "follow what is sent to disks and what comes of it",
        "Prints a line for every PERSISTENT RESERVE OUT as it is answered, until it is interrupted or the "
        "helper ends (exit status 99). With --json, the records of the audit as they are, one a line.",
        "events\nevents --reads\nevents --json | jq -c 'select(.action | startswith(\"PREEMPT\"))'",
        true,
        {{"--reads", "", "show PERSISTENT RESERVE IN too", reads.get()}},
        [reads](const CommonOptions& common) { return show_events(common, *reads); }};
}

}  // namespace prh::ctl
