// SPDX-License-Identifier: MIT
#include "ctl/tools.h"

#include "diagnose/diagnose_tools.h"
#include "monitor/monitor_tools.h"
#include "report/report_tools.h"

namespace prh::ctl {

std::vector<Tool> tools() {
    std::vector<Tool> all;
    for (auto* const some : {&monitor_tools, &diagnose_tools, &report_tools})
        for (Tool& tool : some()) all.push_back(std::move(tool));
    return all;
}

}  // namespace prh::ctl
