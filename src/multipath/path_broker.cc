// SPDX-License-Identifier: MIT
#include "multipath/path_broker.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "multipath/broker_process.h"
#include "os/privileges.h"
#include "os/unix_socket.h"

namespace prh {
namespace {

// The interface of <linux/mount.h>, which kernel headers before Linux 5.2 lack. The numbers of the calls are
// the same on every architecture that Linux had then, but alpha.
constexpr long kFsOpen = 430, kFsConfig = 431, kFsMount = 432;
constexpr unsigned kCloseOnExec = 1;     // FSOPEN_CLOEXEC, FSMOUNT_CLOEXEC
constexpr unsigned kCommandCreate = 6;   // FSCONFIG_CMD_CREATE
constexpr unsigned kReadOnly = 1U << 0;  // MOUNT_ATTR_RDONLY
constexpr unsigned kNoSuid = 1U << 1, kNoExec = 1U << 3;

constexpr int kStartMilliseconds = 5000;  // a loaded machine; it takes a few

/// The kernel's own directory of nodes, which has every disk of the host; attached nowhere, so no path leads
/// to it.
Result<UniqueFd> detached_devtmpfs() {
    const UniqueFd context(static_cast<int>(::syscall(kFsOpen, "devtmpfs", kCloseOnExec)));
    if (!context.valid()) return fail_errno("fsopen", errno);
    if (::syscall(kFsConfig, context.get(), kCommandCreate, nullptr, nullptr, 0) != 0)
        return fail_errno("fsconfig", errno);
    UniqueFd mounted(
        static_cast<int>(::syscall(kFsMount, context.get(), kCloseOnExec, kReadOnly | kNoSuid | kNoExec)));
    if (!mounted.valid()) return fail_errno("fsmount", errno);
    return mounted;
}

struct BrokerAnswer {
    BrokerReply reply;
    UniqueFd node;
};

/// Nothing: the broker has ended, or is not itself.
Result<BrokerAnswer> receive_answer(FdRef socket, int milliseconds) {
    pollfd broker{socket.get(), POLLIN, 0};
    int ready;
    do ready = ::poll(&broker, 1, milliseconds);
    while (ready < 0 && errno == EINTR);
    BrokerAnswer answer{};
    std::array<std::uint8_t, sizeof answer.reply> bytes;
    Received received = receive(socket, bytes, true);
    if (received.error != 0 || received.bytes != bytes.size()) return fail("the path broker has ended");
    std::memcpy(&answer.reply, bytes.data(), bytes.size());
    if (received.descriptor_lost) return fail_errno("the path broker's answer", EMFILE);
    if (received.descriptor_count == 1) answer.node = std::move(received.descriptors[0]);
    return answer;
}

const char* text_of(Refusal refusal) {
    switch (refusal) {
        case Refusal::Malformed: return "malformed request";
        case Refusal::NotOpen: return "the client's descriptor is not open for reading";
        case Refusal::NoMap: return "the client's descriptor is no multipath map";
        case Refusal::NoPath: return "it is no path of the client's map";
        case Refusal::OtherNode: return "its node in devtmpfs is another device";
        case Refusal::Unconfined: return "it cannot give up its rights";
    }
    return "unknown answer";
}

}  // namespace

Result<std::shared_ptr<PathBroker>> PathBroker::start(FilterMode mode) {
    if (!has_capability(CAP_SYS_ADMIN)) return fail("CAP_SYS_ADMIN is missing");
    BrokerPlaces places;
    auto dev = detached_devtmpfs();
    if (!dev) return tl::unexpected<Error>(dev.error());
    places.dev = *std::move(dev);
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return fail_errno("socketpair", errno);
    UniqueFd ours(ends[0]);
    UniqueFd brokers(ends[1]);
    ::signal(SIGCHLD, SIG_IGN);  // nobody waits for it
    const pid_t child = ::fork();
    if (child < 0) return fail_errno("fork", errno);
    if (child == 0) {
        ours.reset();
        run_broker(std::move(brokers), std::move(places), mode);
    }
    brokers.reset();
    const auto started = receive_answer(ours.ref(), kStartMilliseconds);
    if (!started) return tl::unexpected<Error>(started.error());
    if (started->reply.code != 0) return fail(text_of(Refusal{started->reply.code}));
    return std::make_shared<PathBroker>(std::move(ours));
}

Result<UniqueFd> PathBroker::open(FdRef map, const std::string& name, const std::string& number) {
    BrokerRequest request{};
    if (name.size() >= sizeof request.name || number.size() >= sizeof request.number)
        return fail("the path broker: the name is too long");
    name.copy(request.name, name.size());
    number.copy(request.number, number.size());
    std::array<std::uint8_t, sizeof request> bytes;
    std::memcpy(bytes.data(), &request, sizeof request);

    const std::lock_guard turn(turn_);
    if (!socket_.valid()) return fail("the path broker has ended");
    auto answer = send(socket_.ref(), bytes, map).error == 0 ? receive_answer(socket_.ref(), -1)
                                                             : fail("the path broker has ended");
    if (!answer) {
        if (answer.error().code == 0) socket_.reset();
        return tl::unexpected<Error>(answer.error());
    }
    const std::int32_t code = answer->reply.code;
    if (code < 0) return fail(std::string("the path broker refuses: ") + text_of(Refusal{code}));
    if (code > 0) return fail_errno("the path broker", code);
    if (!answer->node.valid()) return fail("the path broker: an answer without a descriptor");
    return std::move(answer->node);
}

}  // namespace prh
