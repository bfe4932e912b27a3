// SPDX-License-Identifier: MIT
// An audit file of anything: every line is a record or counted, and spans are in order.
#include "report/audit_log.h"

#include <sstream>

#include "fuzz/fuzz_input.h"
#include "report/report_page.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace prh::ctl;
    AuditLog log;
    std::istringstream in(std::string(data, data + size));
    log.read(in, "host");
    log.replay();
    for (const auto& [name, disk] : log.disks()) {
        const History& history = disk.history;
        for (const auto* const spans : {&history.registrations(), &history.holdings()})
            for (const Span& span : *spans) {
                REQUIRE(span.row < history.rows().size());
                REQUIRE(!span.until || *span.until >= span.from);
            }
    }
    const std::string page = report_page(log, "title");
    REQUIRE(page.find("<script id=\"data\"") != std::string::npos);
    return 0;
}
