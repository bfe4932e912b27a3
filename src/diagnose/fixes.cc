// SPDX-License-Identifier: MIT
#include "diagnose/fixes.h"

#include <fmt/format.h>

#include <utility>

#include "base/defaults.h"

namespace prh::ctl {
namespace {

std::string command(const Reach& reach, std::string_view verb, std::string_view options) {
    const std::string socket =
        reach.socket == kDefaultSocketPath ? "" : " --socket=" + shell_word(reach.socket);
    return fmt::format("prhelperctl{} {} {} {}", socket, verb, options, shell_word(reach.device));
}

/// In a unit % and $ have a meaning even between quotes (systemd.service(5), COMMAND LINES).
std::string unit_word(std::string_view text) {
    std::string word;
    for (const char character : shell_word(text))
        word.append(character == '%' || character == '$' ? 2 : 1, character);
    return word;
}

std::string where(const Reach& reach) {
    return fmt::format("run on this host, as a user who may write to {}", reach.device);
}

}  // namespace

std::string shell_word(std::string_view text) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:,@%=";
    if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) return std::string(text);
    std::string quoted = "'";
    for (const char character : text) {
        if (character == '\'')
            quoted += "'\\''";
        else
            quoted += character;
    }
    return quoted + "'";
}

Fix register_everywhere(const Reach& reach, ReservationKey key) {
    return {where(reach), command(reach, "register-ignore",
                                  fmt::format("--param-sark={:x} --retry-unit-attention{}", key.value,
                                              reach.persist ? " --param-aptpl" : ""))};
}

Fix preempt(const Reach& reach, ReservationKey own, ReservationKey victim, std::uint8_t type) {
    return {where(reach),
            command(reach, "preempt",
                    fmt::format("--param-rk={:x} --param-sark={:x} --prout-type={} --retry-unit-attention",
                                own.value, victim.value, type))};
}

Fix multipath_section(std::string lines) {
    return {"add to the end of /etc/multipath.conf, then run 'multipathd reconfigure'", std::move(lines)};
}

Fix restart_with(const HelperProcess& process, std::string_view option) {
    if (process.command_line.empty()) return {};
    const std::string name(option.substr(0, option.find('=')));
    std::string line;
    bool skip_value = false;
    for (const std::string& word : process.command_line) {
        if (std::exchange(skip_value, false)) continue;
        skip_value = word == name;  // and its value is the next word
        if (skip_value || word.starts_with(name + "=")) continue;
        line += (line.empty() ? "" : " ") + (process.unit.empty() ? shell_word(word) : unit_word(word));
    }
    line += " " + std::string(option);
    if (process.unit.empty()) return {"end the helper, and start it again with this command line", line};
    return {
        fmt::format("run 'systemctl edit {0}', enter this, then run 'systemctl restart {0}'", process.unit),
        fmt::format("[Service]\nExecStart=\nExecStart={}", line)};
}

}  // namespace prh::ctl
