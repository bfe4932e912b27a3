// SPDX-License-Identifier: MIT
#include "monitor/status_tool.h"

#include "client/control_client.h"
#include "client/standard_output.h"
#include "client/state.h"
#include "monitor/status.h"

namespace prh::ctl {
namespace {

ExitCode show_status(const CommonOptions& common) {
    const Expected<std::string> line = read_state(common.control, common.timeout);
    if (!line) return print_failure("status", line.error(), common.json);
    const Expected<HelperState> state = parse_state(*line);
    if (!state) return print_failure("status", state.error(), common.json);
    return print(common.json ? *line + "\n" : render_status(*state));
}

}  // namespace

Tool status_tool() {
    return {
        "status",
        "show what the helper is doing",
        "Asks the helper's control socket once. Counters are shown where an administrator would want to know "
        "of them and they are not zero. With --json, prints the helper's answer as it is.",
        "status\nstatus --control=/run/pr/control\n"
        "status --json | jq '.devices[] | {name, results}'",
        true,
        {},
        show_status};
}

}  // namespace prh::ctl
