// SPDX-License-Identifier: MIT
// Machines and services are called what systemd calls them.
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "os/control_group.h"
#include "support/process.h"

namespace prh::test {
namespace {

TEST(ControlGroup, OfAMachineOfLibvirtNamesIt) {
    EXPECT_EQ(
        name_of_control_group("/machine.slice/machine-qemu\\x2d3\\x2dwin\\x2d2019.scope/libvirt/emulator"),
        "VM win-2019");
}

TEST(ControlGroup, OfAServiceNamesItsUnit) {
    EXPECT_EQ(name_of_control_group("/system.slice/backup.service"), "unit backup.service");
    EXPECT_EQ(name_of_control_group("/kubepods.slice/kubepods-pod1.slice/cri-containerd-0af1.scope"),
              "unit cri-containerd-0af1.scope");
    EXPECT_EQ(name_of_control_group("session-1.scope"), "unit session-1.scope");
}

TEST(ControlGroup, WithoutAUnitNamesNothing) {
    for (const char* path : {"", "/", "/machine.slice", "/a/b", "//"})
        EXPECT_EQ(name_of_control_group(path), "") << path;
}

TEST(ControlGroup, CannotForgeALine) {
    EXPECT_EQ(name_of_control_group("/machine.slice/machine-qemu\\x2d1\\x2da\\x0ab\\x1b[2J\\xzz.scope"),
              "VM a?b?[2J\\xzz");
    EXPECT_LE(name_of_control_group("/" + std::string(5000, 'x') + ".service").size(), 85U);
}

TEST(ControlGroup, OfAUserDoesNotPassForAMachine) {
    EXPECT_EQ(name_of_control_group("/user.slice/user-7.slice/machine-qemu\\x2d1\\x2ddb1.scope"),
              "unit machine-qemu-1-db1.scope");
}

TEST(ControlGroup, OfAProcessIsLookedFor) {
    TemporaryDirectory root;
    const auto group = [&](const std::string& path, const std::string& processes) {
        std::filesystem::create_directories(root / path);
        write_file(root / (path + "/cgroup.procs"), processes);
    };
    write_file(root / "cgroup.controllers", "cpu\n");
    group("system.slice/a.service", "1\n42\n");
    group("machine.slice/machine-qemu\\x2d1\\x2ddb1.scope/libvirt", "4242\n");
    EXPECT_EQ(name_of_process(42, root.path()), "unit a.service");
    EXPECT_EQ(name_of_process(4242, root.path()), "VM db1");
    EXPECT_EQ(name_of_process(4, root.path()), "");
    EXPECT_EQ(name_of_process(42, root / "missing"), "");
}

TEST(ControlGroup, OfAProcessIsFoundAmongGroupsThatComeAndGo) {
    namespace fs = std::filesystem;
    TemporaryDirectory root;
    write_file(root / "cgroup.controllers", "cpu\n");
    for (const char* const slice : {"a.slice", "m.slice", "z.slice"}) fs::create_directories(root / slice);
    fs::create_directories(root / "m.slice/sought.service");
    write_file(root / "m.slice/sought.service/cgroup.procs", "42\n");
    std::atomic<bool> done = false;
    std::thread churn([&] {
        for (unsigned i = 0; !done; ++i) {
            const std::string group =
                root / ((i % 2 != 0 ? "a.slice/" : "z.slice/") + std::to_string(i % 50));
            fs::create_directories(group + "/below");
            fs::remove_all(group);
        }
    });
    for (int i = 0; i < 300; ++i) EXPECT_EQ(name_of_process(42, root.path()), "unit sought.service");
    done = true;
    churn.join();
}

/// What a user may do with groups of its own must not overflow the stack of a worker.
TEST(ControlGroup, OfAProcessIsLookedForBelowAsManyGroupsAsAPathCanName) {
    constexpr std::size_t kWorkersStack = 256 * 1024, kLongestPath = 3900;
    TemporaryDirectory root;
    write_file(root / "cgroup.controllers", "cpu\n");
    for (std::string deep = root / "deep"; deep.size() < kLongestPath; deep += "/a")
        ASSERT_EQ(::mkdir(deep.c_str(), 0700), 0);
    std::string name = "not asked";
    auto ask = [&] { name = name_of_process(42, root.path()); };
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, kWorkersStack);
    pthread_t thread;
    using Ask = decltype(ask);
    const auto run = [](void* asked) -> void* { return (*static_cast<Ask*>(asked))(), nullptr; };
    ASSERT_EQ(::pthread_create(&thread, &attributes, run, &ask), 0);
    ::pthread_attr_destroy(&attributes);
    ::pthread_join(thread, nullptr);
    EXPECT_EQ(name, "");
}

TEST(ControlGroup, OfAProcessIsLookedForInVersion1Too) {
    TemporaryDirectory root;
    std::filesystem::create_directories(root / "systemd/system.slice/a.service");
    write_file(root / "systemd/system.slice/a.service/cgroup.procs", "42\n");
    EXPECT_EQ(name_of_process(42, root.path()), "unit a.service");
}

}  // namespace
}  // namespace prh::test
