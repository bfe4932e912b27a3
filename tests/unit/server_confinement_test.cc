// SPDX-License-Identifier: MIT
// What a confined process cannot do, tried from inside, and what it still can.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <netinet/in.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <thread>

#include "server/confinement.h"
#include "support/child_process.h"
#include "support/environment.h"
#include "support/process.h"

namespace prh::test {
namespace {

const std::string kKilled = "died of signal " + std::to_string(SIGSYS);

/// s390x: these calls pass their arguments in memory, which no filter sees (doc/security.md).
#ifdef __s390__
constexpr bool kArgumentsVisible = false;
#else
constexpr bool kArgumentsVisible = true;
#endif

std::string outcome(long result) { return result >= 0 ? "done" : std::strerror(errno); }

/// `work` in a process that has gone through all the stages.
std::string in_service(const std::function<std::string()>& work, const std::vector<FileRule>& files = {},
                       FilterMode mode = FilterMode::Enforce) {
    return in_child([&] {
        if (const Status start = confine_start(mode); !start) return start.error().message;
        if (const Status service = confine_service(mode, {false, {BLKGETSIZE64}, files}); !service)
            return service.error().message;
        return work();
    });
}

std::string attempt(const std::function<long()>& work) {
    return in_service([&] { return outcome(work()); });
}

const std::string kNoSuchCall = std::strerror(ENOSYS);

TEST(Confinement, EndsAProcessThatExecutesAProgramOrTouchesAnother) {
    EXPECT_EQ(attempt([] { return ::execl("/bin/true", "true", nullptr); }), kKilled);
    EXPECT_EQ(attempt([] { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); }), kKilled);
    EXPECT_EQ(attempt([] { return ::syscall(SYS_mount, "x", "/", "tmpfs", 0, nullptr); }), kKilled);
    EXPECT_EQ(attempt([] { return ::syscall(SYS_bpf, 0, nullptr, 0); }), kKilled);
    EXPECT_EQ(attempt([] { return ::syscall(SYS_unshare, CLONE_NEWUSER); }), kKilled);
}

TEST(Confinement, LeavesNoProcessButThreads) {
    EXPECT_EQ(attempt([] { return ::fork(); }), kNoSuchCall);
    EXPECT_EQ(in_service([] {
                  int value = 0;
                  std::thread([&] { value = 7; }).join();
                  return std::to_string(value);
              }),
              "7");
}

TEST(Confinement, LeavesNoSocketButUnixOnesAndNoneThatListens) {
    if (kArgumentsVisible) {
        EXPECT_EQ(attempt([] { return ::socket(AF_INET, SOCK_STREAM, 0); }), kNoSuchCall);
        EXPECT_EQ(attempt([] { return ::socket(AF_NETLINK, SOCK_RAW, 0); }), kNoSuchCall);
    }
    EXPECT_EQ(attempt([] { return ::socket(AF_UNIX, SOCK_STREAM, 0); }), "done");
    EXPECT_EQ(attempt([] {
                  const sockaddr_un address{AF_UNIX, {}};
                  return ::bind(::socket(AF_UNIX, SOCK_STREAM, 0),
                                reinterpret_cast<const sockaddr*>(&address), 2);
              }),
              kNoSuchCall);
    EXPECT_EQ(attempt([] { return ::listen(0, 1); }), kNoSuchCall);
}

TEST(Confinement, LeavesTheIoctlsThatAreNeededAlone) {
    EXPECT_EQ(attempt([] { return ::ioctl(0, TIOCSTI, "x"); }), kNoSuchCall);
    EXPECT_EQ(attempt([] { return ::ioctl(0, BLKRRPART); }), kNoSuchCall);
    EXPECT_NE(attempt([] { return ::ioctl(0, BLKGETSIZE64, nullptr); }), kNoSuchCall);
    EXPECT_EQ(attempt([] { return ::fcntl(0, F_SETLEASE, F_RDLCK); }), kNoSuchCall);
    EXPECT_EQ(attempt([] { return ::fcntl(0, F_GETFL); }), "done");
}

TEST(Confinement, LeavesNoMemoryThatCanBecomeCode) {
    const auto map = [](int protection) {
        return ::mmap(nullptr, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1L : 0L;
    };
    if (kArgumentsVisible) {
        EXPECT_EQ(attempt([&] { return map(PROT_READ | PROT_EXEC); }), kNoSuchCall);
    }
    EXPECT_EQ(attempt([&] { return map(PROT_READ | PROT_WRITE); }), "done");
    alignas(65536) static char memory[65536];  // the largest page
    EXPECT_EQ(attempt([&] { return ::mprotect(memory, sizeof memory, PROT_READ | PROT_EXEC); }), kNoSuchCall);
}

TEST(Confinement, LeavesIdentityAndNamespacesAsTheyAre) {
    EXPECT_EQ(attempt([] { return ::setuid(0); }), kNoSuchCall);
    EXPECT_EQ(attempt([] { return ::prctl(PR_SET_DUMPABLE, 1); }), kNoSuchCall);
    EXPECT_EQ(attempt([] { return ::syscall(SYS_setns, 0, 0); }), kKilled);
}

TEST(Confinement, OfTheStartStillBindsAndListens) {
    EXPECT_EQ(in_child([] {
                  if (!confine_start(FilterMode::Enforce)) return std::string("not confined");
                  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
                  const sockaddr_un address{AF_UNIX, {}};
                  std::string text = outcome(::bind(socket, reinterpret_cast<const sockaddr*>(&address), 2));
                  text += outcome(::listen(socket, 1));
                  return text + outcome(::setuid(::getuid()));
              }),
              "donedonedone");
}

TEST(Confinement, MakesAProcessUndumpable) {
    EXPECT_EQ(in_child([] {
                  if (!confine_service(FilterMode::Off, {})) return std::string("not confined");
                  return std::to_string(::prctl(PR_GET_DUMPABLE));
              }),
              "0");
}

TEST(Confinement, ReachesTheFilesThatItNeedsAndNoOthers) {
    if (file_confinement_version() == 0) PRH_CANNOT_RUN("the kernel has no Landlock");
    TemporaryDirectory kept, removed, other;
    for (const TemporaryDirectory* directory : {&kept, &removed, &other}) {
        const int file = ::open((*directory / "there").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        ASSERT_GE(file, 0);
        ::close(file);
    }
    const std::vector<FileRule> rules = {
        {"/sys"}, {kept.path(), FileRule::Access::Keep}, {removed.path(), FileRule::Access::Remove}};
    const auto opens = [&](const std::string& path, int flags) {
        return in_service([&] { return outcome(::open(path.c_str(), flags, 0600)); }, rules);
    };
    const std::string denied = std::strerror(EACCES);
    EXPECT_EQ(opens("/sys/kernel/uevent_seqnum", O_RDONLY), "done");  // kernel/ksysfs.c: on every kernel
    EXPECT_EQ(opens("/etc/passwd", O_RDONLY), denied);
    EXPECT_EQ(opens("/proc/self/mem", O_RDWR), denied);
    EXPECT_EQ(opens(other / "there", O_RDONLY), denied);
    EXPECT_EQ(opens(kept / "new", O_RDWR | O_CREAT), "done");
    EXPECT_EQ(opens(removed / "new", O_RDWR | O_CREAT), denied);
    const auto removes = [&](const std::string& path) {
        return in_service([&] { return outcome(::unlink(path.c_str())); }, rules);
    };
    EXPECT_EQ(removes(removed / "there"), "done");
    EXPECT_EQ(removes(kept / "there"), "done");
    EXPECT_EQ(removes(other / "there"), denied);
}

TEST(Confinement, APathThatCannotBeOpenedIsAnErrorUnlessItMayBeMissing) {
    if (file_confinement_version() == 0) PRH_CANNOT_RUN("the kernel has no Landlock");
    const auto confine = [](const FileRule& rule) {
        return in_child([&] {
            const Status confined = confine_files({rule});
            return confined ? std::string("confined") : confined.error().message;
        });
    };
    EXPECT_EQ(confine({"/nowhere/state", FileRule::Access::Keep}),
              "Failed to confine files: cannot open '/nowhere/state': No such file or directory");
    EXPECT_EQ(confine({"/nowhere/state", FileRule::Access::Keep, FileRule::Missing::GivesNothing}),
              "confined");
}

TEST(Confinement, InModeLogForbidsNothing) {
    EXPECT_EQ(in_service([] { return outcome(::socket(AF_INET, SOCK_STREAM, 0)); }, {}, FilterMode::Log),
              "done");
}

}  // namespace
}  // namespace prh::test
