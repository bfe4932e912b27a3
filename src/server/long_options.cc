// SPDX-License-Identifier: MIT
#include "server/long_options.h"

#include <fmt/format.h>

namespace prh {
namespace {

constexpr std::uint32_t kDay = 86'400;  // seconds
constexpr std::uint32_t kMostConnections = 500'000;

OptionError take_mode(std::string_view option, const std::string& value, std::optional<mode_t>& into) {
    const auto mode = parse_number(value, 8);
    if (!mode || *mode > 0777)
        return fmt::format("invalid --{} '{}': give permission bits in octal, such as 0660", option, value);
    into = static_cast<mode_t>(*mode);
    return std::nullopt;
}

OptionError take_group(const std::string& value, std::optional<gid_t>& into) {
    into = look_up_group(value);
    if (!into) return fmt::format("invalid group '{}'", value);
    return std::nullopt;
}

OptionError add_user(const std::string& value, std::vector<uid_t>& to) {
    Identity identity;
    if (!look_up_user(value, identity))
        return fmt::format("invalid --allow-uid '{}': there is no such user", value);
    to.push_back(*identity.user);
    return std::nullopt;
}

OptionError add_group(const std::string& value, std::vector<gid_t>& to) {
    const auto group = look_up_group(value);
    if (!group) return fmt::format("invalid --allow-gid '{}': there is no such group", value);
    to.push_back(*group);
    return std::nullopt;
}

long seconds(std::chrono::milliseconds time) {
    return static_cast<long>(std::chrono::duration_cast<std::chrono::seconds>(time).count());
}

std::vector<LongOption> socket_options(Options& options) {
    return {
        {"socket-mode", "MODE", "permission bits of the socket, in octal (default: 0777 less the umask)",
         [&](const std::string& value) { return take_mode("socket-mode", value, options.socket.mode); }},
        {"socket-group", "GROUP", "group of the socket (default: that of the process)",
         [&](const std::string& value) { return take_group(value, options.socket.group); }},
        {"allow-uid", "USER",
         "serve this user; may be repeated (default: whoever may connect\nto the socket)",
         [&](const std::string& value) { return add_user(value, options.policy.users); }},
        {"allow-gid", "GROUP", "serve the members of this group; may be repeated",
         [&](const std::string& value) { return add_group(value, options.policy.groups); }},
    };
}

OptionError take_path(std::string_view option, const std::string& value, std::string& into) {
    if (!value.starts_with('/'))
        return fmt::format("invalid --{} '{}': give an absolute path", option, value);
    into = value;
    return std::nullopt;
}

std::vector<LongOption> control_options(ControlSettings& control) {
    return {
        {"control", "PATH",
         "a second socket, where prhelperctl asks what the program is doing\n(default: none)",
         [&](const std::string& value) { return take_path("control", value, control.path); }},
        {"control-mode", "MODE", "its permission bits (default: 0600, or 0660 with a group)",
         [&](const std::string& value) { return take_mode("control-mode", value, control.ownership.mode); }},
        {"control-group", "GROUP", "its group (default: that of the process)",
         [&](const std::string& value) { return take_group(value, control.ownership.group); }},
    };
}

std::vector<LongOption> audit_options(AuditSettings& audit) {
    const auto on_or_off = [](const char* name, bool& into) {
        return [name, &into](const std::string& value) {
            return take_choice(name, value, {{"on", true}, {"off", false}}, into);
        };
    };
    return {
        {"audit", "FILE",
         "append a line of JSON for each PERSISTENT RESERVE OUT; SIGUSR1\nopens the file anew",
         [&](const std::string& value) { return take_path("audit", value, audit.path); }},
        {"audit-reads", "on|off", "for each PERSISTENT RESERVE IN too (default off)",
         on_or_off("audit-reads", audit.reads)},
        {"audit-sync", "on|off", "wait for the disk after each line (default off)",
         on_or_off("audit-sync", audit.durable)},
    };
}

std::vector<LongOption> limit_options(Options& options) {
    Limits& limits = options.limits;
    return {
        {"max-connections", "N", fmt::format("connections at one time (default {})", limits.max_connections),
         [&](const std::string& value) {
             auto wrong = take_number("max-connections", value, 1, kMostConnections, limits.max_connections);
             options.max_connections_given = !wrong;
             return wrong;
         }},
        {"max-connections-per-user", "N", "those of one user (default: no less than all)",
         [&](const std::string& value) {
             return take_number("max-connections-per-user", value, 1, kMostConnections,
                                limits.max_connections_per_user);
         }},
        {"max-requests-per-process", "N",
         fmt::format(
             "requests in flight of one client process; a further one\nwaits for one of them (default {})",
             limits.max_requests_per_process),
         [&](const std::string& value) {
             return take_number("max-requests-per-process", value, 1, kMostConnections,
                                limits.max_requests_per_process);
         }},
        {"request-timeout", "SECONDS",
         fmt::format("for a client to complete what it began (default {})", seconds(limits.request_timeout)),
         [&](const std::string& value) {
             return take_seconds("request-timeout", value, kDay, limits.request_timeout);
         }},
        {"drain-timeout", "SECONDS",
         fmt::format("for requests in flight after SIGTERM (default {})", seconds(limits.drain_timeout)),
         [&](const std::string& value) {
             return take_seconds("drain-timeout", value, kDay, limits.drain_timeout);
         }},
        {"log-rate", "LINES",
         fmt::format("about clients, in a second; the others are counted (default {})", options.log_rate),
         [&](const std::string& value) {
             return take_number("log-rate", value, 1, 100'000, options.log_rate);
         }},
    };
}

}  // namespace

std::vector<LongOption> shared_long_options(Options& options, bool drives_devices) {
    std::vector<LongOption> all = socket_options(options);
    for (LongOption& option : limit_options(options)) all.push_back(std::move(option));
    for (LongOption& option : audit_options(options.audit)) all.push_back(std::move(option));
    for (LongOption& option : control_options(options.control)) all.push_back(std::move(option));
    all.push_back(
        {"shared-nexus", "warn|deny|allow",
         "two clients that register with a disk through one I_T nexus,\n"
         "where they are one to the disk: a line in the log, RESERVATION\n"
         "CONFLICT for all that the second sends to change something,\n"
         "or nothing (default warn)",
         [&](const std::string& value) {
             return take_choice(
                 "shared-nexus", value,
                 {{"warn", SharedNexus::Warn}, {"deny", SharedNexus::Deny}, {"allow", SharedNexus::Allow}},
                 options.policy.shared_nexus);
         }});
    all.push_back(
        {"seccomp", "MODE",
         "system calls and files beyond those needed: enforce (refused), log\n"
         "(calls go to the audit log), off (default enforce)",
         [&](const std::string& value) {
             return take_choice(
                 "seccomp", value,
                 {{"enforce", FilterMode::Enforce}, {"log", FilterMode::Log}, {"off", FilterMode::Off}},
                 options.filter);
         }});
    if (drives_devices)
        all.push_back(
            {"timeout", "SECONDS",
             fmt::format("for a device to complete a command (default {})", seconds(options.device_timeout)),
             [&](const std::string& value) {
                 return take_seconds("timeout", value, kDay, options.device_timeout);
             }});
    return all;
}

}  // namespace prh
