// SPDX-License-Identifier: MIT
#include "daemon/multipath_options.h"

#include <fmt/format.h>

#include <charconv>

namespace prh {
namespace {

using Message = std::optional<std::string>;

Message take_choice(std::string_view option, const std::string& value, std::string_view first,
                    std::string_view second, bool& is_first) {
    if (value != first && value != second)
        return fmt::format("invalid --{} '{}': give '{}' or '{}'", option, value, first, second);
    is_first = value == first;
    return std::nullopt;
}

Message take_path_timeout(const std::string& value, std::chrono::milliseconds& into) {
    unsigned seconds = 0;
    const char* const end = value.data() + value.size();
    const auto [stopped, error] = std::from_chars(value.data(), end, seconds);
    if (error != std::errc{} || stopped != end || seconds == 0 || seconds > 3600)
        return fmt::format("invalid --path-timeout '{}': give whole seconds, from 1 to 3600", value);
    into = std::chrono::seconds(seconds);
    return std::nullopt;
}

Message take_multipathd(const std::string& value, std::string& into) {
    if (value.size() < 2 || (value[0] != '/' && value[0] != '@') || value.size() > 107)
        return fmt::format(
            "invalid --multipathd-socket '{}': give an absolute path, or @ and the name of an abstract "
            "socket",
            value);
    into = value;
    return std::nullopt;
}

Message take_directory(const std::string& value, std::string& into) {
    if (!value.starts_with('/')) return fmt::format("invalid --state-dir '{}': give an absolute path", value);
    into = value;
    return std::nullopt;
}

}  // namespace

std::vector<ExtraOption> multipath_options(MultipathOptions& options) {
    MultipathSettings& settings = options.settings;
    return {
        {"multipath", "native|off",
         "\n"
         "                            dm-multipath nodes: served through every path, or\n"
         "                            refused (default native)\n",
         [&](const std::string& value) {
             return take_choice("multipath", value, "native", "off", options.served);
         }},
        {"mpath-exclusive-types", "allow|reject",
         "\n"
         "                            reservation types 1 and 3 on multipath nodes, where they\n"
         "                            lock out all paths but one (default allow)\n",
         [&](const std::string& value) {
             bool allowed = true;
             auto wrong = take_choice("mpath-exclusive-types", value, "allow", "reject", allowed);
             settings.policy.reject_exclusive_types = !allowed;
             return wrong;
         }},
        {"multipathd-socket", "PATH|@NAME",
         "\n"
         "                            where multipathd listens (default: where it always does)\n",
         [&](const std::string& value) { return take_multipathd(value, settings.multipathd.address); }},
        {"path-timeout", "SECONDS",
         "\n"
         "                            for one path of a multipath node to complete a command;\n"
         "                            the kernel gives it at least 7 (default 10)\n",
         [&](const std::string& value) { return take_path_timeout(value, settings.paths.timeout); }},
        {"state-dir", "DIR",
         "       where it is kept what multipath nodes need after a restart\n"
         "                            (default '/run/qemu-pr-helper')\n",
         [&](const std::string& value) { return take_directory(value, settings.state_directory); }},
    };
}

}  // namespace prh
