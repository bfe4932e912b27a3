// SPDX-License-Identifier: MIT
#include "monitor/monitor_tools.h"

#include "monitor/events_tool.h"
#include "monitor/metrics_tool.h"
#include "monitor/serve_tool.h"
#include "monitor/status_tool.h"
#include "monitor/watch_tool.h"

namespace prh::ctl {

std::vector<Tool> monitor_tools() {
    return {status_tool(), watch_tool(), events_tool(), metrics_tool(), serve_tool()};
}

}  // namespace prh::ctl
