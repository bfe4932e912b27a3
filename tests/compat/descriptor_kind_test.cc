// SPDX-License-Identifier: MIT
// Descriptors of every kind that a client can have, with the kernel's own SG_IO: no injection here.
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "compat/comparison.h"
#include "compat/helper.h"

namespace prh::test {
namespace {

class DescriptorKind : public PairTest {
  protected:
    Helper::SgIo sg_io() const override { return Helper::SgIo::Real; }

    /// Takes the descriptor. A kind that this machine does not have (-1) has nothing to compare.
    void compare_kind(const std::string& name, int descriptor) {
        if (descriptor < 0) return;
        const auto in = [&](Helper& helper) { return helper.ask(pr_in(0, 24), descriptor, {}).text(); };
        const auto out = [&](Helper& helper) {
            return helper.ask(pr_out(0, 0), descriptor, key_list(1, 2)).text();
        };
        compare(TextExchange{"descriptor: " + name + ", PR IN", in(existing()), in(ours())});
        compare(TextExchange{"descriptor: " + name + ", PR OUT", out(existing()), out(ours())});
        ::close(descriptor);
    }
    void compare_file(const std::string& path, int flags) {
        compare_kind(path + " with flags " + std::to_string(flags), ::open(path.c_str(), flags | O_CLOEXEC));
    }
};

TEST_F(DescriptorKind, Files) {
    TemporaryDirectory directory;
    const std::string file = directory / "file";
    write_file(file, "text");
    for (const int flags : {O_RDONLY, O_WRONLY, O_RDWR, O_PATH})
        compare_kind("regular file with flags " + std::to_string(flags), ::open(file.c_str(), flags));
    compare_kind("directory", ::open(directory.path().c_str(), O_RDONLY));
    compare_kind("file of /proc", ::open("/proc/self/status", O_RDONLY));
}

TEST_F(DescriptorKind, CharacterDevices) {
    for (const char* const path : {"/dev/null", "/dev/zero", "/dev/full", "/dev/ptmx", "/dev/fuse",
                                   "/dev/loop-control", "/dev/kvm", "/dev/net/tun", "/dev/urandom"})
        compare_file(path, O_RDWR);
    compare_file("/dev/null", O_RDONLY);
}

TEST_F(DescriptorKind, LoopDevices) {
    for (const int flags : {O_RDONLY, O_RDWR, O_WRONLY, O_PATH})
        compare_kind("loop device with flags " + std::to_string(flags), open_loop_device(flags));
}

TEST_F(DescriptorKind, PipesAndSockets) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    compare_kind("pipe, reading end", ends[0]);
    compare_kind("pipe, writing end", ends[1]);
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    compare_kind("unix socket", ends[0]);
    ::close(ends[1]);
}

TEST_F(DescriptorKind, WithoutAFile) {
    sigset_t none;
    sigemptyset(&none);
    compare_kind("memfd", ::memfd_create("test", MFD_CLOEXEC));
    compare_kind("epoll", ::epoll_create1(EPOLL_CLOEXEC));
    compare_kind("eventfd", ::eventfd(0, EFD_CLOEXEC));
    compare_kind("timerfd", ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
    compare_kind("signalfd", ::signalfd(-1, &none, SFD_CLOEXEC));
    compare_kind("inotify", ::inotify_init1(IN_CLOEXEC));
    compare_kind("pidfd", static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
}

}  // namespace
}  // namespace prh::test
