// SPDX-License-Identifier: MIT
// The page: one file that needs no network, with the records and what they tell inside.
#pragma once

#include <string>

#include "report/audit_log.h"

namespace prh::ctl {

std::string report_page(const AuditLog& log, const std::string& title);

}  // namespace prh::ctl
