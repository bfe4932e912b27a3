// SPDX-License-Identifier: MIT
// Groups are found in one pass, by id or by process, whatever happens meanwhile.
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "os/control_group_search.h"
#include "support/process.h"

namespace prh::test {
namespace {

namespace fs = std::filesystem;

class GroupSearch : public ::testing::Test {
  protected:
    GroupSearch() { write_file(root_ / "cgroup.controllers", "cpu\n"); }
    /// Returns the group's id.
    std::uint64_t group(const std::string& path, const std::string& processes = "") {
        fs::create_directories(root_ / path);
        write_file(root_ / (path + "/cgroup.procs"), processes);
        struct stat status {};
        EXPECT_EQ(::stat((root_ / path).c_str(), &status), 0);
        return status.st_ino;
    }
    std::vector<SoughtGroup> find(std::vector<SoughtGroup> sought) {
        find_control_groups(sought, root_.path(), [] { return false; });
        return sought;
    }
    static SoughtGroup by_process(pid_t process) {
        SoughtGroup sought;
        sought.process = process;
        return sought;
    }
    static SoughtGroup by_id(std::uint64_t id) {
        SoughtGroup sought;
        sought.id = id;
        return sought;
    }
    std::string path_of(pid_t process) { return find({by_process(process)})[0].path; }

    TemporaryDirectory root_;
};

TEST_F(GroupSearch, FindsProcessesAndIdsInOnePass) {
    group("system.slice/a.service", "1\n42\n");
    group("system.slice/b.service");
    const auto id = group("machine.slice/m.scope/libvirt/emulator");
    const auto found = find({by_process(42), by_process(4), by_id(id), by_id(id), by_process(0)});
    EXPECT_EQ(found[0].path, "/system.slice/a.service");
    EXPECT_TRUE(found[0].found);
    EXPECT_FALSE(found[1].found);
    EXPECT_EQ(found[2].path, "/machine.slice/m.scope/libvirt/emulator");
    EXPECT_EQ(found[3].path, found[2].path) << "two clients in one group";
    EXPECT_FALSE(found[4].found);
}

TEST_F(GroupSearch, FindsNothingWhereThereIsNoHierarchy) {
    std::vector<SoughtGroup> sought{by_process(42), by_id(7)};
    find_control_groups(sought, root_ / "missing", [] { return false; });
    EXPECT_FALSE(sought[0].found);
    EXPECT_FALSE(sought[1].found);
}

TEST_F(GroupSearch, LooksThroughSystemdsHierarchyInVersion1) {
    fs::remove(root_ / "cgroup.controllers");
    const auto id = group("systemd/system.slice/a.service", "42\n");
    group("pids/b.service", "43\n");
    const auto found = find({by_process(42), by_process(43), by_id(id)});
    EXPECT_EQ(found[0].path, "/system.slice/a.service");
    EXPECT_FALSE(found[1].found);
    EXPECT_FALSE(found[2].found) << "an id belongs to version 2";
}

TEST_F(GroupSearch, ReadsWhatUsersMakeLast) {
    constexpr int kMost = 20;
    for (int i = 0; i < kMost; ++i) fs::create_directories(root_ / ("user.slice/a/" + std::to_string(i)));
    group("zebra.slice/a/b/c.service", "42\n");
    group("user.slice/b.service", "43\n");
    const auto path_of = [&](pid_t process) {
        std::vector<SoughtGroup> sought{by_process(process)};
        find_control_groups(
            sought, root_.path(), [] { return false; }, kMost);
        return sought[0].path;
    };
    EXPECT_EQ(path_of(42), "/zebra.slice/a/b/c.service");
    EXPECT_EQ(path_of(43), "/user.slice/b.service");
    EXPECT_EQ(path_of(4), "") << "the end of a search that has its limit";
}

TEST_F(GroupSearch, EndsWhenItIsToldTo) {
    group("a.service", "42\n");
    std::vector<SoughtGroup> sought{by_process(42)};
    find_control_groups(sought, root_.path(), [] { return true; });
    EXPECT_FALSE(sought[0].found);
}

TEST_F(GroupSearch, FindsOneAmongGroupsThatComeAndGo) {
    for (const char* const slice : {"a.slice", "z.slice"}) fs::create_directories(root_ / slice);
    group("m.slice/sought.service", "42\n");
    std::atomic<bool> done = false;
    std::thread churn([&] {
        for (unsigned i = 0; !done; ++i) {
            const std::string group =
                root_ / ((i % 2 != 0 ? "a.slice/" : "z.slice/") + std::to_string(i % 50));
            fs::create_directories(group + "/below");
            fs::remove_all(group);
        }
    });
    for (int i = 0; i < 300; ++i) EXPECT_EQ(path_of(42), "/m.slice/sought.service");
    done = true;
    churn.join();
}

/// What a user may do with groups of its own must not overflow the stack of a thread.
TEST_F(GroupSearch, TakesGroupsAsDeepAsAPathCanName) {
    constexpr std::size_t kSmallStack = 256 * 1024, kLongestPath = 3900;
    for (std::string deep = root_ / "deep"; deep.size() < kLongestPath; deep += "/a")
        ASSERT_EQ(::mkdir(deep.c_str(), 0700), 0);
    std::string path = "not asked";
    auto ask = [&] { path = path_of(42); };
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, kSmallStack);
    pthread_t thread;
    using Ask = decltype(ask);
    const auto run = [](void* asked) -> void* { return (*static_cast<Ask*>(asked))(), nullptr; };
    ASSERT_EQ(::pthread_create(&thread, &attributes, run, &ask), 0);
    ::pthread_attr_destroy(&attributes);
    ::pthread_join(thread, nullptr);
    EXPECT_EQ(path, "");
}

}  // namespace
}  // namespace prh::test
