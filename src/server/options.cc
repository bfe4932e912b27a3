// SPDX-License-Identifier: MIT
#include "server/options.h"

#include <fmt/format.h>
#include <getopt.h>

#include <cstdio>

#include "base/defaults.h"
#include "base/version.h"
#include "observe/line_sink.h"
#include "observe/trace_spec.h"
#include "server/long_options.h"

namespace prh {
namespace {

constexpr int kFirstLong = 256;  // behind the letters

/// One command line being read: what it has said so far, and how the program is called.
class Reading {
  public:
    Reading(const char* invoked_as, const Program& program, const std::vector<LongOption>& long_options,
            Options& options, Log& log, Trace& trace)
        : invoked_as_(invoked_as),
          program_(program),
          long_options_(long_options),
          options_(options),
          log_(log),
          trace_(trace) {}

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
    std::optional<int> take_long(const LongOption& option, const std::string& value) const;
    int help() const;
    int version() const;

    const char* const invoked_as_;
    const Program& program_;
    const std::vector<LongOption>& long_options_;
    Options& options_;
    Log& log_;
    Trace& trace_;
    int verbosity_ = 1;
    bool quiet_ = false;
};

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
        default: return take_long(long_options_[static_cast<std::size_t>(option - kFirstLong)], value);
    }
    log_.set_verbosity(quiet_ ? Log::Verbosity::Quiet : Log::Verbosity::Normal);
    return std::nullopt;
}

std::optional<int> Reading::take_long(const LongOption& option, const std::string& value) const {
    const OptionError error = option.take(value);
    return error ? refuse(*error) : std::nullopt;
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

/// "      --name=ARGUMENT" and, from the 29th column on, what it is for.
std::string help_of(const LongOption& option) {
    constexpr std::size_t kColumn = 28;
    std::string text = fmt::format("      --{}={}", option.name, option.argument);
    if (text.size() + 1 > kColumn) text += '\n';
    const std::size_t begun = text.ends_with('\n') ? 0 : text.size();
    text += std::string(kColumn - begun, ' ');
    for (const char letter : option.help) {
        text += letter;
        if (letter == '\n') text += std::string(kColumn, ' ');
    }
    return text + '\n';
}

int Reading::help() const {
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
        "  -q, --quiet               say nothing about single clients\n\n",
        invoked_as_, program_.purpose, options_.pid_file_path.value_or(kDefaultPidFilePath),
        options_.socket_path.value_or(kDefaultSocketPath));
    // Made anew: they show the values that the options before --help have given.
    for (const LongOption& option : shared_long_options(options_, program_.drives_devices))
        fmt::print("{}", help_of(option));
    for (const LongOption& option : program_.extra) fmt::print("{}", help_of(option));
    fmt::print("\nDocumentation: qemu-pr-helper(8), doc/ in the source tree\n");
    return 0;
}

std::vector<option> option_table(const std::vector<LongOption>& long_options) {
    std::vector<option> table = {
        {"help", no_argument, nullptr, 'h'},         {"version", no_argument, nullptr, 'V'},
        {"socket", required_argument, nullptr, 'k'}, {"pidfile", required_argument, nullptr, 'f'},
        {"daemon", no_argument, nullptr, 'd'},       {"trace", required_argument, nullptr, 'T'},
        {"user", required_argument, nullptr, 'u'},   {"group", required_argument, nullptr, 'g'},
        {"verbose", no_argument, nullptr, 'v'},      {"quiet", no_argument, nullptr, 'q'},
    };
    // Abbreviations that were unambiguous before our own options came: an exact match wins over a prefix.
    for (const char* socket : {"s", "so", "soc", "sock", "socke"})
        table.push_back({socket, required_argument, nullptr, 'k'});
    table.push_back({"d", no_argument, nullptr, 'd'});
    table.push_back({"p", required_argument, nullptr, 'f'});
    table.push_back({"t", required_argument, nullptr, 'T'});
    for (std::size_t i = 0; i < long_options.size(); ++i)
        table.push_back(
            {long_options[i].name.c_str(), required_argument, nullptr, kFirstLong + static_cast<int>(i)});
    table.push_back({});
    return table;
}

}  // namespace

std::optional<int> parse_options(int argc, char** argv, const Program& program, Options& options, Log& log,
                                 Trace& trace) {
    std::vector<LongOption> long_options = shared_long_options(options, program.drives_devices);
    long_options.insert(long_options.end(), program.extra.begin(), program.extra.end());
    const std::vector<option> table = option_table(long_options);
    Reading reading(argv[0], program, long_options, options, log, trace);
    for (int found; (found = ::getopt_long(argc, argv, "hVk:f:dT:u:g:vq", table.data(), nullptr)) != -1;)
        if (const auto exit_code = reading.take(found, optarg != nullptr ? optarg : "")) return exit_code;
    for (int i = optind; i < argc; ++i) reading.warn_of_operand(argv[i]);
    log.set_client_rate(options.log_rate);
    return std::nullopt;
}

}  // namespace prh
