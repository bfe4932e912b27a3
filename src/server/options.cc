// SPDX-License-Identifier: MIT
#include "server/options.h"

#include <fmt/format.h>
#include <getopt.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "base/defaults.h"
#include "base/version.h"
#include "observe/line_sink.h"
#include "observe/trace_spec.h"

namespace prh {
namespace {

enum LongOnly : int {
    SocketMode = 256,
    SocketGroup,
    MaxConnections,
    RequestTimeout,
    DrainTimeout,
    DeviceTimeout,
    Seccomp,
    FirstExtra
};

/// One command line being read: what it has said so far, and how the program is called.
class Reading {
  public:
    Reading(const char* invoked_as, const Program& program, Options& options, Log& log, Trace& trace)
        : invoked_as_(invoked_as), program_(program), options_(options), log_(log), trace_(trace) {}

    std::optional<int> take(int option, const std::string& value);
    void warn_of_operand(const char* operand) const {
        print_error(fmt::format("warning: '{}' is ignored; the socket is named with -k", operand));
    }

  private:
    void print_error(std::string_view text) const {
        write_line(FdRef(2), fmt::format("{}: {}\n", log_.program(), text));
    }
    std::optional<int> refuse(std::string_view text) const {
        print_error(text);
        return 1;
    }
    std::optional<int> take_trace(const std::string& value);
    std::optional<int> take_seconds(std::string_view option, const std::string& value,
                                    std::chrono::milliseconds& into);
    std::optional<int> take_filter(const std::string& value);
    std::optional<int> take_own(int option, const std::string& value);
    int help() const;
    int version() const;

    const char* const invoked_as_;
    const Program& program_;
    Options& options_;
    Log& log_;
    Trace& trace_;
    int verbosity_ = 1;
    bool quiet_ = false;
};

std::optional<unsigned> parse_number(const std::string& text, int base = 10) {
    unsigned value = 0;
    const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || stopped != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

std::optional<int> Reading::take(int option, const std::string& value) {
    switch (option) {
        case 'h': return help();
        case 'V': return version();
        case 'k':
            options_.socket_path = value;
            return value.starts_with('/') ? std::nullopt : refuse("socket path must be absolute");
        case 'f': options_.pid_file_path = value; return std::nullopt;
        case 'd': options_.background = true; return std::nullopt;
        case 'T': return take_trace(value);
        case 'u':
            return look_up_user(value, options_.identity) ? std::nullopt
                                                          : refuse(fmt::format("invalid user '{}'", value));
        case 'g':
            options_.identity.group = look_up_group(value);
            return options_.identity.group ? std::nullopt : refuse(fmt::format("invalid group '{}'", value));
        case 'v': ++verbosity_; break;
        case 'q': quiet_ = true; break;
        case '?': return refuse(fmt::format("Try `{} --help' for more information.", invoked_as_));
        default: return take_own(option, value);
    }
    log_.set_verbosity(quiet_ ? Log::Verbosity::Quiet : Log::Verbosity::Normal);
    return std::nullopt;
}

std::optional<int> Reading::take_own(int option, const std::string& value) {
    switch (option) {
        case SocketMode: {
            const auto mode = parse_number(value, 8);
            if (!mode || *mode > 0777)
                return refuse(fmt::format(
                    "invalid --socket-mode '{}': give permission bits in octal, such as 0660", value));
            options_.socket.mode = static_cast<mode_t>(*mode);
            return std::nullopt;
        }
        case SocketGroup:
            options_.socket.group = look_up_group(value);
            return options_.socket.group ? std::nullopt : refuse(fmt::format("invalid group '{}'", value));
        case MaxConnections: {
            const auto count = parse_number(value);
            if (!count || *count == 0 || *count > 500'000)
                return refuse(
                    fmt::format("invalid --max-connections '{}': give a number from 1 to 500000", value));
            options_.limits.max_connections = *count;
            options_.max_connections_given = true;
            return std::nullopt;
        }
        case RequestTimeout: return take_seconds("--request-timeout", value, options_.limits.request_timeout);
        case DrainTimeout: return take_seconds("--drain-timeout", value, options_.limits.drain_timeout);
        case Seccomp: return take_filter(value);
        case DeviceTimeout: return take_seconds("--timeout", value, options_.device_timeout);
        default: break;
    }
    const auto error = program_.extra[static_cast<std::size_t>(option - FirstExtra)].take(value);
    return error ? refuse(*error) : std::nullopt;
}

std::optional<int> Reading::take_seconds(std::string_view option, const std::string& value,
                                         std::chrono::milliseconds& into) {
    const auto seconds = parse_number(value);
    if (!seconds || *seconds == 0 || *seconds > 86'400)
        return refuse(fmt::format("invalid {} '{}': give whole seconds, from 1 to 86400", option, value));
    into = std::chrono::seconds(*seconds);
    return std::nullopt;
}

std::optional<int> Reading::take_filter(const std::string& value) {
    for (const auto& [word, mode] : {std::pair("enforce", FilterMode::Enforce),
                                     std::pair("log", FilterMode::Log), std::pair("off", FilterMode::Off)})
        if (value == word) {
            options_.filter = mode;
            return std::nullopt;
        }
    return refuse(fmt::format("invalid --seccomp '{}': give enforce, log or off", value));
}

std::optional<int> Reading::take_trace(const std::string& value) {
    const auto spec = TraceSpec::parse(value);
    if (!spec) return refuse(spec.error().message);
    if (spec->help) {
        fmt::print("{}", trace_event_list());
        return 0;
    }
    std::vector<std::string> warnings;
    const Status applied = apply(*spec, trace_, warnings);
    if (!applied) warnings.push_back(applied.error().message);
    for (const std::string& warning : warnings)
        write_line(FdRef(2), fmt::format("{}:{}\n", log_.program(), warning));
    if (!applied) return 1;
    // Without file= a second -T goes back to stderr, as in the existing program: the last one decides.
    trace_.use_stderr();
    if (spec->file.empty()) return std::nullopt;
    const Status opened = trace_.open_file(spec->file);
    return opened ? std::nullopt : refuse(opened.error().message);
}

int Reading::version() const {
    fmt::print("{} {}\n\nMIT licence. There is NO WARRANTY, to the extent permitted by law.\n", invoked_as_,
               PRH_VERSION);
    return 0;
}

int Reading::help() const {
    const Limits& limits = options_.limits;
    const auto seconds = [](std::chrono::milliseconds time) {
        return std::chrono::duration_cast<std::chrono::seconds>(time).count();
    };
    fmt::print(
        "Usage: {} [OPTIONS]\n"
        "{}\n\n"
        "  -h, --help                display this help and exit\n"
        "  -V, --version             output version information and exit\n\n"
        "  -d, --daemon              run in the background; ends with 0 only when it serves\n"
        "  -f, --pidfile=PATH        PID file, locked while it runs and removed at the end\n"
        "                            (default '{}' with -d, else none)\n"
        "  -k, --socket=PATH         path to the unix socket\n"
        "                            (default '{}')\n"
        "  -T, --trace [[enable=]<pattern>][,events=<file>][,file=<file>]\n"
        "                            specify tracing options; '-T help' lists the events\n"
        "  -u, --user=USER           user to drop privileges to\n"
        "  -g, --group=GROUP         group to drop privileges to (default: USER's own)\n"
        "  -v, --verbose             say more; may be repeated\n"
        "  -q, --quiet               say nothing about single clients\n\n"
        "      --socket-mode=MODE    permission bits of the socket, in octal (default: 0777 less the umask)\n"
        "      --socket-group=GROUP  group of the socket (default: that of the process)\n"
        "      --max-connections=N   connections at one time (default {})\n"
        "      --request-timeout=SECONDS\n"
        "                            for a client to complete what it began (default {})\n"
        "      --drain-timeout=SECONDS\n"
        "                            for requests in flight after SIGTERM (default {})\n"
        "      --seccomp=MODE        system calls and files beyond those needed: enforce (refused), log\n"
        "                            (calls go to the audit log), off (default enforce)\n",
        invoked_as_, program_.purpose, options_.pid_file_path.value_or(kDefaultPidFilePath),
        options_.socket_path.value_or(kDefaultSocketPath), limits.max_connections,
        seconds(limits.request_timeout), seconds(limits.drain_timeout));
    if (program_.drives_devices)
        fmt::print("      --timeout=SECONDS     for a device to complete a command (default {})\n",
                   seconds(options_.device_timeout));
    for (const ExtraOption& extra : program_.extra)
        fmt::print("      --{}={}{}", extra.name, extra.argument, extra.help);
    fmt::print("\nDocumentation: qemu-pr-helper(8), doc/ in the source tree\n");
    return 0;
}

std::vector<option> option_table(const Program& program) {
    std::vector<option> table = {
        {"help", no_argument, nullptr, 'h'},
        {"version", no_argument, nullptr, 'V'},
        {"socket", required_argument, nullptr, 'k'},
        {"pidfile", required_argument, nullptr, 'f'},
        {"daemon", no_argument, nullptr, 'd'},
        {"trace", required_argument, nullptr, 'T'},
        {"user", required_argument, nullptr, 'u'},
        {"group", required_argument, nullptr, 'g'},
        {"verbose", no_argument, nullptr, 'v'},
        {"quiet", no_argument, nullptr, 'q'},
        {"socket-mode", required_argument, nullptr, SocketMode},
        {"socket-group", required_argument, nullptr, SocketGroup},
        {"max-connections", required_argument, nullptr, MaxConnections},
        {"request-timeout", required_argument, nullptr, RequestTimeout},
        {"drain-timeout", required_argument, nullptr, DrainTimeout},
        {"seccomp", required_argument, nullptr, Seccomp},
    };
    if (program.drives_devices) table.push_back({"timeout", required_argument, nullptr, DeviceTimeout});
    // Abbreviations that were unambiguous before our own options came: an exact match wins over a prefix.
    for (const char* socket : {"s", "so", "soc", "sock", "socke"})
        table.push_back({socket, required_argument, nullptr, 'k'});
    table.push_back({"d", no_argument, nullptr, 'd'});
    table.push_back({"p", required_argument, nullptr, 'f'});
    table.push_back({"t", required_argument, nullptr, 'T'});
    for (std::size_t i = 0; i < program.extra.size(); ++i)
        table.push_back(
            {program.extra[i].name.c_str(), required_argument, nullptr, FirstExtra + static_cast<int>(i)});
    table.push_back({});
    return table;
}

}  // namespace

std::optional<int> parse_options(int argc, char** argv, const Program& program, Options& options, Log& log,
                                 Trace& trace) {
    const std::vector<option> table = option_table(program);
    Reading reading(argv[0], program, options, log, trace);
    for (int found; (found = ::getopt_long(argc, argv, "hVk:f:dT:u:g:vq", table.data(), nullptr)) != -1;)
        if (const auto exit_code = reading.take(found, optarg != nullptr ? optarg : "")) return exit_code;
    for (int i = optind; i < argc; ++i) reading.warn_of_operand(argv[i]);
    return std::nullopt;
}

}  // namespace prh
