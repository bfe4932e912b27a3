// SPDX-License-Identifier: MIT
#include "multipath/broker_process.h"

#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/statx.h"
#include "device/descriptor_kind.h"
#include "device/disk_node.h"
#include "multipath/sysfs_map.h"
#include "os/file_confinement.h"
#include "os/privileges.h"
#include "os/unix_socket.h"

namespace prh {
namespace {

constexpr long kCloseRange = 436;  // Linux 5.9; the same on every architecture

BrokerOpening refused(Refusal why) { return {{static_cast<std::int32_t>(why)}, {}}; }

template <std::size_t size>
bool is_text(const char (&text)[size]) {
    return text[0] != '\0' && std::memchr(text, '\0', size) != nullptr;
}

/// "8:0" of a block device's node; a symbolic link is none.
std::string number_of_node(FdRef directory, const std::string& name) {
    struct statx status;
    if (::statx(directory.get(), name.c_str(), AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC, STATX_TYPE,
                &status) != 0 ||
        !S_ISBLK(status.stx_mode))
        return {};
    return std::to_string(status.stx_rdev_major) + ':' + std::to_string(status.stx_rdev_minor);
}

void answer(FdRef socket, const BrokerOpening& opening) {
    std::array<std::uint8_t, sizeof(BrokerReply)> bytes;
    std::memcpy(bytes.data(), &opening.reply, sizeof opening.reply);
    static_cast<void>(send(socket, bytes, opening.node.ref()));  // one that has gone is seen by the next poll
}

/// By libseccomp's names; beside each group, who needs it. See service_calls() in server/confinement.cc for
/// what another C library calls for the same function.
std::vector<AllowedCall> broker_calls() {
    constexpr std::uint64_t kNotForReading = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;
    std::vector<AllowedCall> calls = {// the daemon
                                      SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(recvmsg), SCMP_SYS(sendmsg),
                                      SCMP_SYS(close), AllowedCall::with(SCMP_SYS(fcntl), 1, F_GETFL),
                                      // sysfs and the node
                                      SCMP_SYS(statx), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(stat),
                                      SCMP_SYS(lstat), SCMP_SYS(read), SCMP_SYS(getdents64), SCMP_SYS(lseek),
                                      SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
                                      AllowedCall::with_bits(SCMP_SYS(openat), 2, kNotForReading, 0),
                                      AllowedCall::with_bits(SCMP_SYS(open), 1, kNotForReading, 0),
                                      AllowedCall::with(SCMP_SYS(fcntl), 1, F_SETFD),
                                      // memory, never executable (s390x: its mmap(2) shows no argument)
                                      SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
#ifdef __s390__
                                      SCMP_SYS(mmap),
#else
                                      AllowedCall::with_bits(SCMP_SYS(mmap), 2, PROT_EXEC, 0),
#endif
                                      // the end, and what the kernel restarts after a stop
                                      SCMP_SYS(exit_group), SCMP_SYS(restart_syscall)};
    for (const unsigned long request : DescriptorClassifier::requests())
        calls.push_back(AllowedCall::with_bits(SCMP_SYS(ioctl), 1, 0xffff'ffff, request & 0xffff'ffff));
    return calls;
}

/// Nothing of the daemon's stays open, nor anything that somebody waits for the end of: 0 to 2 lead nowhere,
/// 3 is the socket, 4 the directory.
bool keep_only(UniqueFd& socket, UniqueFd& dev) {
    UniqueFd null(::openat(dev.get(), "null", O_RDWR | O_CLOEXEC));
    // Out of the way first: any of them may be where another belongs.
    for (UniqueFd* const kept : {&socket, &dev, &null}) {
        *kept = UniqueFd(::fcntl(kept->get(), F_DUPFD_CLOEXEC, 5));
        if (!kept->valid()) return false;
    }
    for (const int standard : {0, 1, 2})
        if (::dup2(null.get(), standard) < 0) return false;
    null.reset();
    if (::dup3(socket.get(), 3, O_CLOEXEC) < 0 || ::dup3(dev.get(), 4, O_CLOEXEC) < 0) return false;
    socket = UniqueFd(3);
    dev = UniqueFd(4);
    return ::syscall(kCloseRange, 5U, ~0U, 0U) == 0;
}

}  // namespace

std::optional<BrokerRequest> parse_broker_request(ConstBytes bytes) {
    BrokerRequest request;
    if (bytes.size() != sizeof request) return std::nullopt;
    std::memcpy(&request, bytes.data(), sizeof request);
    if (!is_text(request.name) || !is_text(request.number)) return std::nullopt;
    return request;
}

BrokerOpening open_for_daemon(const BrokerPlaces& places, FdRef map, const BrokerRequest& request) {
    // The broker opens for reading, which the client must be able to do by itself.
    if (!access_of(map).reads) return refused(Refusal::NotOpen);
    const auto node = DescriptorClassifier(places.sysfs).multipath_below(map);
    if (!node) return {{node.error().code}, {}};
    if (!*node) return refused(Refusal::NoMap);

    const SysfsMap sysfs(places.sysfs, (*node)->number);
    const auto names = sysfs.path_names();
    if (!names) return {{names.error().code}, {}};
    // Compared with what is there, so that no name leads anywhere else.
    const auto name = std::find(names->begin(), names->end(), request.name);
    if (name == names->end()) return refused(Refusal::NoPath);
    const SysfsDisk disk = sysfs.path(*name);
    const auto read = disk.number();
    if (!read) return {{read.error().code}, {}};
    const std::string number = read->value_or("");
    const auto is_held = disk.is_held_by((*node)->number);
    if (!is_held) return {{is_held.error().code}, {}};
    if (number != request.number || !*is_held) return refused(Refusal::NoPath);

    std::string path = *name;
    std::replace(path.begin(), path.end(), '!', '/');  // the kernel's "cciss!c0d0" is cciss/c0d0
    if (number_of_node(places.dev.ref(), path) != number) return refused(Refusal::OtherNode);
    UniqueFd opened(::openat(places.dev.get(), path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
    if (!opened.valid()) return {{errno}, {}};
    if (!is_block_device(opened.ref(), number)) return refused(Refusal::OtherNode);  // replaced meanwhile
    return {{0}, std::move(opened)};
}

void serve_daemon(FdRef socket, const BrokerPlaces& places) {
    for (;;) {
        pollfd daemon{socket.get(), POLLIN, 0};
        if (::poll(&daemon, 1, -1) < 0 && errno != EINTR) return;
        std::array<std::uint8_t, sizeof(BrokerRequest) + 1> bytes;  // one more shows a message that is longer
        Received received = receive(socket, bytes, true);
        if (received.error == EAGAIN) continue;
        if (received.error != 0 || received.end_of_file) return;
        const auto request = parse_broker_request(ConstBytes(bytes).first(received.bytes));
        const bool well_formed = request && received.descriptor_count == 1 && !received.descriptor_lost;
        answer(socket, well_formed ? open_for_daemon(places, received.descriptors[0].ref(), *request)
                                   : refused(Refusal::Malformed));
    }
}

Status confine_broker(const BrokerPlaces& places, FilterMode mode) {
    if (Status dropped = drop_privileges({}, false); !dropped) return dropped;
    if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return fail_errno("PR_SET_DUMPABLE", errno);
    if (mode == FilterMode::Enforce) {
        const std::vector<FileRule> rules = {
            {places.sysfs}, {"", FileRule::Access::Read, FileRule::Missing::IsAnError, places.dev.ref()}};
        if (Status confined = confine_files(rules); !confined) return confined;
    }
    const std::vector<int> deadly = {SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork),   SCMP_SYS(vfork),
                                     SCMP_SYS(clone),  SCMP_SYS(ptrace),   SCMP_SYS(socket), SCMP_SYS(mount),
                                     SCMP_SYS(bpf),    SCMP_SYS(unshare),  SCMP_SYS(setns)};
    return install_system_call_filter(broker_calls(), deadly, mode);
}

void run_broker(UniqueFd socket, BrokerPlaces places, FilterMode mode) {
    ::setsid();  // what a terminal sends to the daemon's process group is the daemon's
    // A service manager signals every process of the service; we end with the daemon, which may still need
    // us.
    for (const int ignored : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE})
        ::signal(ignored, SIG_IGN);
    ::prctl(PR_SET_NAME, "pr-path-broker", 0, 0, 0);
    const bool ready =
        ::chdir("/") == 0 && keep_only(socket, places.dev) && confine_broker(places, mode).has_value();
    answer(socket.ref(), ready ? BrokerOpening{} : refused(Refusal::Unconfined));
    if (ready) serve_daemon(socket.ref(), places);
    ::_exit(ready ? 0 : 1);
}

}  // namespace prh
