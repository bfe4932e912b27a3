// SPDX-License-Identifier: MIT
#include "daemon/multipath_options.h"

#include <fmt/format.h>

namespace prh {
namespace {

OptionError take_multipathd(const std::string& value, std::string& into) {
    if (value.size() < 2 || (value[0] != '/' && value[0] != '@') || value.size() > 107)
        return fmt::format(
            "invalid --multipathd-socket '{}': give an absolute path, or @ and the name of an abstract "
            "socket",
            value);
    into = value;
    return std::nullopt;
}

OptionError take_directory(const std::string& value, std::string& into) {
    if (!value.starts_with('/')) return fmt::format("invalid --state-dir '{}': give an absolute path", value);
    into = value;
    return std::nullopt;
}

}  // namespace

std::vector<LongOption> multipath_options(MultipathOptions& options) {
    MultipathSettings& settings = options.settings;
    return {
        {"multipath", "native|off",
         "dm-multipath nodes: served through every path, or\nrefused (default native)",
         [&](const std::string& value) {
             return take_choice("multipath", value, {{"native", true}, {"off", false}}, options.served);
         }},
        {"mpath-exclusive-types", "allow|reject",
         "reservation types 1 and 3 on multipath nodes, where they\n"
         "lock out all paths but one (default allow)",
         [&](const std::string& value) {
             return take_choice("mpath-exclusive-types", value, {{"allow", false}, {"reject", true}},
                                settings.policy.reject_exclusive_types);
         }},
        {"multipathd-socket", "PATH|@NAME", "where multipathd listens (default: where it always does)",
         [&](const std::string& value) { return take_multipathd(value, settings.multipathd.address); }},
        {"path-timeout", "SECONDS",
         "for one path of a multipath node to complete a command;\n"
         "the kernel gives it at least 7 (default 10)",
         [&](const std::string& value) {
             return take_seconds("path-timeout", value, 3600, settings.paths.timeout);
         }},
        {"path-broker", "auto|off",
         "a process that opens paths which the helper cannot, where\n"
         "it may be made: Linux 5.9, CAP_SYS_ADMIN (default auto)",
         [&](const std::string& value) {
             return take_choice("path-broker", value, {{"auto", true}, {"off", false}}, options.with_broker);
         }},
        {"state-dir", "DIR",
         "where it is kept what multipath nodes need after a restart\n"
         "(default '/run/qemu-pr-helper')",
         [&](const std::string& value) { return take_directory(value, settings.state_directory); }},
    };
}

}  // namespace prh
