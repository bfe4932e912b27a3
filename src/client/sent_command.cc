// SPDX-License-Identifier: MIT
#include "client/sent_command.h"

#include <fmt/format.h>

#include "client/common_options.h"
#include "client/standard_output.h"
#include "scsi/names.h"

namespace prh::ctl {
namespace {

std::string line_of(const char* what, ConstBytes bytes) {
    std::string line = fmt::format("{}: {}:", kProgramName, what);
    for (const std::uint8_t byte : bytes) line += fmt::format(" {:02x}", byte);
    return line + "\n";
}

}  // namespace

void print_sent(const Cdb& cdb, ConstBytes parameter_list) {
    complain(fmt::format("{}: {}\n", kProgramName, to_string(cdb)) + line_of("CDB", cdb.bytes()));
    if (!parameter_list.empty()) complain(line_of("parameter list", parameter_list));
}

}  // namespace prh::ctl
