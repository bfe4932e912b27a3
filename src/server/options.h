// SPDX-License-Identifier: MIT
// The command line of qemu-pr-helper, which prhelper-emulator shares. Short options, their meaning, order and
// messages are those of the existing program (doc/compatibility.md names the differences); everything of our
// own is a long option.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "observe/log.h"
#include "observe/trace.h"
#include "os/privileges.h"
#include "os/published_socket.h"
#include "server/audit.h"
#include "server/confinement.h"
#include "server/control.h"
#include "server/limits.h"
#include "server/option_values.h"
#include "server/policy.h"

namespace prh {

struct Options {
    std::optional<std::string> socket_path;    ///< -k; unset: the default, or what systemd passed
    std::optional<std::string> pid_file_path;  ///< -f; unset: none, or the default with -d
    bool background = false;                   ///< -d
    Identity identity;                         ///< -u, -g
    SocketOwnership socket;                    ///< --socket-mode, --socket-group
    Limits limits;
    Policy policy;
    AuditSettings audit;
    ControlSettings control;
    std::size_t log_rate = Log::kClientLinesPerSecond;  ///< --log-rate
    FilterMode filter = kDefaultFilter;                 ///< --seccomp
    bool max_connections_given = false;
    std::chrono::milliseconds device_timeout{30'000};  ///< --timeout
};

/// An option of our own: it has a long name and an argument.
struct LongOption {
    std::string name;      ///< without the dashes
    std::string argument;  ///< its name in the help
    std::string help;      ///< may have several lines
    std::function<OptionError(const std::string&)> take;
};

struct Program {
    std::string_view purpose;       ///< the help's second line
    bool drives_devices;            ///< has --timeout
    std::vector<LongOption> extra;  ///< beyond those that the programs share
};

/// Options are acted on in their order, so that the first fatal one decides. Returns an exit code where the
/// program is to end now: 0 after --help, --version and "-T help", 1 after a message on stderr.
std::optional<int> parse_options(int argc, char** argv, const Program& program, Options& options, Log& log,
                                 Trace& trace);

}  // namespace prh
