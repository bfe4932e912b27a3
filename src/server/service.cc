// SPDX-License-Identifier: MIT
#include "server/service.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>

#include "base/defaults.h"
#include "os/daemonize.h"
#include "os/pid_file.h"
#include "os/resource_limits.h"
#include "os/service_manager.h"
#include "server/server.h"

namespace prh {
namespace {

/// The socket that clients connect to: published by us, or passed by systemd and not ours to remove.
struct Entrance {
    std::optional<PublishedSocket> published;
    UniqueFd passed;

    FdRef listener() const { return published ? published->listener() : passed.ref(); }
};

Result<Signals> take_over_signals(bool audited) {
    for (const int ignored : {SIGUSR1, SIGALRM, SIGIO})
        ::signal(ignored, SIG_IGN);  // blocked in the existing program
    if (!audited) return Signals::take_over({SIGTERM, SIGINT, SIGHUP});
    ::signal(SIGUSR1, SIG_DFL);  // one that is ignored does not reach a signalfd
    return Signals::take_over({SIGTERM, SIGINT, SIGHUP, SIGUSR1});
}

Result<bool> socket_is_passed(const char* argv0, const Result<unsigned>& count, const Options& options) {
    if (!count) return tl::unexpected<Error>(count.error());
    if (*count > 0 && options.socket_path)
        return fail("Unix socket can't be set when using socket activation");
    if (*count > 1)
        return fail(fmt::format("{} does not support socket activation with LISTEN_FDS > 1", argv0));
    return *count == 1;
}

Result<Entrance> open_entrance(bool passed, const Options& options) {
    Entrance entrance;
    if (passed) {
        auto socket = activation_socket();
        if (!socket) return tl::unexpected<Error>(socket.error());
        entrance.passed = std::move(*socket);
        return entrance;
    }
    auto published =
        PublishedSocket::publish(options.socket_path.value_or(kDefaultSocketPath), options.socket);
    if (!published) return tl::unexpected<Error>(published.error());
    entrance.published.emplace(std::move(*published));
    return entrance;
}

Result<std::optional<Background>> enter_background(const Options& options) {
    if (!options.background) return std::nullopt;
    auto entered = Background::enter();
    if (!entered) return tl::unexpected<Error>(entered.error());
    return std::move(*entered);
}

Result<std::optional<PidFile>> create_pid_file(const Options& options) {
    if (!options.background && !options.pid_file_path) return std::nullopt;
    auto created = PidFile::create(options.pid_file_path.value_or(kDefaultPidFilePath));
    if (!created) return tl::unexpected<Error>(created.error());
    return std::move(*created);
}

Result<std::unique_ptr<Control>> open_control(const ControlSettings& settings) {
    if (settings.path.empty()) return nullptr;
    return Control::open(settings);
}

Result<std::unique_ptr<AuditFile>> open_audit_file(const AuditSettings& settings) {
    if (settings.path.empty()) return nullptr;
    return AuditFile::open(settings.path, settings.durable);
}

/// Descriptors for every connection and its request; where the system gives fewer, fewer connections.
Limits fit_to_descriptors(const Options& options, const PidfdSupport& support, Log& log) {
    Limits limits = options.limits;
    // The socket, a request's descriptor, and where a process is not known by a number of its own, its pidfd.
    const std::size_t each = support.peers && !support.unique_inodes ? 3 : 2;
    const std::size_t wanted = each * limits.max_connections + kOwnDescriptors;
    const std::size_t available = raise_descriptor_limit(wanted + kSpareDescriptors);
    if (available < wanted + kSpareDescriptors) limits.refused_at_once = kFewRefusedAtOnce;
    if (available >= wanted) return limits;
    limits.max_connections = available > kOwnDescriptors + each ? (available - kOwnDescriptors) / each : 1;
    if (options.max_connections_given)
        log.write(fmt::format(
            "warning: {} connections at most, since only {} file descriptors may be open (LimitNOFILE=)",
            limits.max_connections, available));
    return limits;
}

std::string directory_of(const std::string& path) {
    return std::filesystem::absolute(path).parent_path().string();
}

/// What it made itself it removes at the end, and the control groups tell what a client is called.
Needs with_own_files(Needs needs, bool published, bool pid_file, const Options& options) {
    // A container may have none; clients are known by their process ids then.
    needs.files.push_back({"/sys/fs/cgroup", FileRule::Access::Read, FileRule::Missing::GivesNothing});
    // A directory that the user of -u cannot enter: without Landlock the file would stay as well.
    const auto removes_from_directory = [&](const std::string& path) {
        needs.files.push_back(
            {directory_of(path), FileRule::Access::Remove, FileRule::Missing::GivesNothing});
    };
    if (!options.control.path.empty()) removes_from_directory(options.control.path);
    if (published) removes_from_directory(options.socket_path.value_or(kDefaultSocketPath));
    if (pid_file) removes_from_directory(options.pid_file_path.value_or(kDefaultPidFilePath));
    // Else SIGUSR1 could not open the audit file anew, and lines would go to the renamed one for ever.
    if (!options.audit.path.empty())
        needs.files.push_back({directory_of(options.audit.path), FileRule::Access::Append});
    return needs;
}

/// Ends a start that fails after its sockets became visible to clients, and leaves no file behind. Nothing is
/// destroyed: a thread may hang on a descriptor that a client sent, and use its objects later; this thread
/// would hang too if it closed connections that nobody accepted. The kernel does not linger for a process
/// that exits (inet_release()).
[[noreturn]] void abandon_start(Entrance& entrance, Control* control, std::optional<PidFile>& pid_file) {
    if (entrance.published) static_cast<void>(entrance.published->remove_path());
    if (control != nullptr) static_cast<void>(control->remove_path());
    pid_file.reset();
    ::_exit(1);
}

/// `status` as an early end of the start; used between stages.
template <class T>
bool failed(const Result<T>& result, Log& log) {
    if (result) return false;
    log.write(result.error().message);
    return true;
}

}  // namespace

std::string program_name(const char* argv0) {
    const std::string_view path = argv0 != nullptr ? argv0 : "qemu-pr-helper";
    return std::string(path.substr(path.rfind('/') + 1));
}

int run_service(const char* argv0, const Result<unsigned>& listen_fds, const Options& options,
                ReservationDevice& device, Log& log, Trace& trace, const Needs& needs,
                const std::function<void()>& while_privileged) {
    if (failed(confine_start(options.filter), log)) return 1;
    const bool audited = !options.audit.path.empty();
    auto signals = take_over_signals(audited);
    if (failed(signals, log)) return 1;
    const auto passed = socket_is_passed(argv0, listen_fds, options);
    if (failed(passed, log)) return 1;
    const ServiceManager manager = ServiceManager::from_environment();

    auto entered = enter_background(options);
    if (failed(entered, log)) return 1;
    std::optional<Background>& background = *entered;

    // The pid file's lock comes first: a second instance is refused before it touches the socket.
    auto pid_file = create_pid_file(options);
    if (failed(pid_file, log)) return 1;
    auto entrance = open_entrance(*passed, options);
    if (failed(entrance, log)) return 1;
    std::unique_ptr<Control> control;
    const auto abandon = [&] { abandon_start(*entrance, control.get(), *pid_file); };
    ClientNames names(pidfd_support());
    const Limits limits = fit_to_descriptors(options, names.support(), log);
    auto opened_control = open_control(options.control);
    if (failed(opened_control, log)) abandon();
    control = std::move(*opened_control);
    auto audit_file = open_audit_file(options.audit);
    if (failed(audit_file, log)) abandon();
    Audit audit(options.audit, std::move(*audit_file), control ? &control->stream() : nullptr, log, names);
    while_privileged();
    if (failed(drop_privileges(options.identity, needs.rawio), log)) abandon();

    const auto withdraw = [&] {
        if (control) failed(control->withdraw(), log);
        // Last: it may take as long as a client wants that connected and was not accepted.
        if (entrance->published) failed(entrance->published->withdraw(), log);
    };
    Counters counters;
    const auto ledger = control ? std::make_unique<DeviceLedger>(device) : nullptr;
    auto server = Server::create(
        {device, log, trace, counters, manager, audited || control ? &audit : nullptr, ledger.get(), names},
        limits, options.policy, entrance->listener(), std::move(*signals), withdraw);
    if (failed(server, log)) abandon();
    const Needs all_needs =
        with_own_files(needs, entrance->published.has_value(), pid_file->has_value(), options);
    if (background && failed(background->prepare(), log)) abandon();
    const int landlock = options.filter == FilterMode::Enforce ? file_confinement_version() : 0;
    if (options.filter == FilterMode::Enforce && landlock == 0)
        log.write(
            "warning: the kernel has no Landlock, or has it disabled: only seccomp confines the helper, and "
            "nothing limits which files it can open");
    if (failed(confine_service(options.filter, all_needs), log)) abandon();
    if (audited && failed(audit.file()->start(), log)) abandon();
    if (failed(names.start(), log)) abandon();
    const HelperFacts facts{log.program(), std::chrono::system_clock::now(),
                            needs.rawio ? std::optional(options.device_timeout) : std::nullopt,
                            options.filter, landlock};
    const auto tell = [&] { return to_json(facts, (*server)->state(), std::chrono::system_clock::now()); };
    if (control && failed(control->start(tell), log)) abandon();
    if (failed((*server)->start(), log)) abandon();
    device.start();
    if (background) {
        if (failed(background->ready(), log)) abandon();
        log.leave_stderr();
        trace.leave_stderr();
        manager.notify(fmt::format("MAINPID={}", ::getpid()));
    }
    // systemd stops a service that does not report READY=1 in time; the log must say why.
    failed(manager.notify("READY=1\nSTATUS=Serving persistent reservations"), log);

    const bool all_answered = (*server)->wait();
    names.finish();  // what waits for names is audited and told
    if (const std::string refusals = counters.refusals(); !refusals.empty() && !log.quiet())
        log.write("In all: " + refusals);
    if (log.left_out() > 0)
        log.write(
            fmt::format("{} lines about clients were left out of the log (--log-rate)", log.left_out()));
    pid_file->reset();
    const bool all_told = !control || control->finish();
    const bool all_audited = !audited || audit.file()->finish();
    if (audited && audit.file()->dropped() > 0)
        log.write(fmt::format("{} lines of the audit could not be written to '{}'", audit.file()->dropped(),
                              options.audit.path));
    if (!all_answered || !all_told || !all_audited)
        ::_exit(0);  // threads are stuck in the kernel: nothing that they use may be destroyed
    return 0;
}

}  // namespace prh
