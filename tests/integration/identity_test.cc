// SPDX-License-Identifier: MIT
// Who a client is, and what it is called: a real server, real processes and real control groups.
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "control_fixture.h"
#include "os/pidfd.h"
#include "support/other_process.h"

namespace prh::test {
namespace {

namespace fs = std::filesystem;

/// Groups of the test in version 2's hierarchy, removed at the end with those above that were not there.
class ControlGroups {
  public:
    ControlGroups() { mounted_ = ::mount("none", tree_.path().c_str(), "cgroup2", 0, nullptr) == 0; }
    ~ControlGroups() {
        for (auto group = made_.rbegin(); group != made_.rend(); ++group) ::rmdir(group->c_str());
        if (mounted_) ::umount2(tree_.path().c_str(), MNT_DETACH);
    }
    bool mounted() const { return mounted_; }
    /// Makes it, and returns where it is.
    std::string make(const std::string& path) {
        std::string group = tree_.path();
        for (const fs::path& component : fs::path(path)) {
            group += "/" + component.string();
            if (::mkdir(group.c_str(), 0755) == 0) made_.push_back(group);
        }
        return group;
    }
    /// For OtherProcess: it enters that group.
    std::function<void()> entering(const std::string& path) {
        return [list = make(path) + "/cgroup.procs"] {
            const Descriptor file(list, O_WRONLY);
            if (::write(file.get(), "0", 1) != 1) ::_exit(1);
        };
    }

  private:
    TemporaryDirectory tree_;
    bool mounted_ = false;
    std::vector<std::string> made_;
};

/// The daemon finds at /sys/fs/cgroup what is mounted by `mount_hierarchy`.
ProcessOptions with_hierarchy(const std::function<bool()>& mount_hierarchy) {
    ProcessOptions options;
    options.before_exec = [mount_hierarchy] {
        if (::unshare(CLONE_NEWNS) != 0 ||
            ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 || !mount_hierarchy())
            ::_exit(126);
    };
    return options;
}

class IdentityTest : public ControlTest {
  protected:
    void SetUp() override {
        if (!groups_.mounted()) GTEST_SKIP() << "no hierarchy of version 2 can be mounted here";
        if (!pidfd_support().unique_inodes) GTEST_SKIP() << "the kernel has no inode for each process";
    }
    void serve_with_audit(const ProcessOptions& options) {
        write_file(directory_ / "disk", "");
        disk_ = Descriptor(directory_ / "disk");
        serve({"--audit=" + audit()}, "prhelper-emulator", options);
    }
    void serve_in_version_2() {
        if (!pidfd_support().control_groups) GTEST_SKIP() << "the kernel has no PIDFD_GET_INFO";
        serve_with_audit(
            with_hierarchy([] { return ::mount("none", "/sys/fs/cgroup", "cgroup2", 0, nullptr) == 0; }));
    }
    std::string audit() { return directory_ / "audit"; }
    void register_key(RawClient& client, std::uint64_t key) {
        EXPECT_TRUE(client.request(pr_out(6, 0), disk_.get(), key_list(0, key)));
    }
    /// Who sent the commands of the audit, once there are `count`.
    std::vector<Json> peers(std::size_t count) {
        std::vector<Json> found;
        eventually([&] {
            found.clear();
            std::ifstream in(audit());
            for (std::string line; std::getline(in, line);) found.push_back(Json::parse(line)["peer"]);
            return found.size() >= count;
        });
        EXPECT_EQ(found.size(), count);
        found.resize(count);
        return found;
    }
    /// Nobody else's on this machine.
    std::string name(const std::string& of) { return of + std::to_string(::getpid()); }
    std::string machine(const std::string& of) { return "machine-qemu\\x2d9\\x2d" + name(of) + ".scope"; }

    ControlGroups groups_;
};

TEST_F(IdentityTest, AMachineIsNamedFromItsFirstCommandOn) {
    serve_in_version_2();
    if (!daemon_) return;
    OtherProcess one(groups_.entering("machine.slice/" + machine("one") + "/libvirt/emulator"));
    OtherProcess two(groups_.entering("machine.slice/" + machine("two")));
    RawClient first = one.open(daemon_->socket()), second = two.open(daemon_->socket());
    register_key(first, 1);
    register_key(second, 2);
    const auto peers = this->peers(2);
    EXPECT_EQ(peers[0]["name"], "VM " + name("one"));
    EXPECT_EQ(peers[1]["name"], "VM " + name("two")) << "though both came within a second";
    EXPECT_TRUE(daemon_->process().err_contains("VM " + name("two") + " (pid " + std::to_string(two.pid()) +
                                                ", uid 0) registers with device "));
    const Json state = this->state();
    for (const Json& connection : state["connections"])
        EXPECT_EQ(connection["name"], "VM " + name(connection["pid"] == one.pid() ? "one" : "two"));
    EXPECT_EQ(state["devices"][0]["registrants"][0]["name"], "VM " + name("one"));
    EXPECT_EQ(state["devices"][0]["last"]["name"], "VM " + name("two"));
}

TEST_F(IdentityTest, AGroupBelowAContainersDoesNotRenameIt) {
    serve_in_version_2();
    if (!daemon_) return;
    const std::string container = "libpod-" + name("a") + ".scope";
    OtherProcess hostile(groups_.entering("machine.slice/" + container + "/container/" + machine("victim")));
    RawClient client = hostile.open(daemon_->socket());
    register_key(client, 1);
    EXPECT_EQ(peers(1)[0]["name"], "unit " + container);
}

TEST_F(IdentityTest, APodIsNamed) {
    serve_in_version_2();
    if (!daemon_) return;
    const std::string uid = "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
                      id = "0af1b2c3d4e5" + std::string(52, '7');
    OtherProcess launcher(groups_.entering("kubepods/burstable/pod" + uid + "/" + id));
    RawClient client = launcher.open(daemon_->socket());
    register_key(client, 1);
    EXPECT_EQ(peers(1)[0]["name"], "pod " + uid + " container 0af1b2c3d4e5");
}

TEST_F(IdentityTest, WhoGetsTheNumberOfAProcessThatIsGoneIsNotTakenForIt) {
    serve_in_version_2();
    if (!daemon_) return;
    // A connection outlives the process that made it; its number goes to a machine.
    std::optional<OtherProcess> gone(std::in_place);
    const pid_t number = gone->pid();
    RawClient attacker = gone->open(daemon_->socket());
    gone.reset();
    OtherProcess victim(groups_.entering("machine.slice/" + machine("victim")), number);
    ASSERT_EQ(victim.pid(), number);
    register_key(attacker, 1);
    RawClient client = victim.open(daemon_->socket());
    register_key(client, 2);
    const auto peers = this->peers(2);
    EXPECT_EQ(peers[0]["pid"], number);
    EXPECT_NE(peers[0].value("name", ""), "VM " + name("victim"));
    EXPECT_EQ(peers[1]["name"], "VM " + name("victim"));
    std::vector<std::string> machines;
    const Json state = this->state();
    for (const Json& connection : state["connections"])
        if (connection.value("name", "").starts_with("VM ")) machines.push_back(connection["name"]);
    EXPECT_EQ(machines.size(), 1U);
    EXPECT_EQ(state["devices"][0]["registrants"].size(), 2U) << "two clients";
}

TEST_F(IdentityTest, WhoGetsTheNumberOfAProcessThatIsGoneDoesNotWaitForItsRequests) {
    write_file(directory_ / "disk", "");
    serve({"--max-requests-per-process=1"});
    std::optional<OtherProcess> gone(std::in_place);
    const pid_t number = gone->pid();
    hanging_.push_back(gone->open(daemon_->socket()));
    slow_.emplace_back();
    EXPECT_TRUE(hanging_.back().send_bytes({0x5E}, {slow_.back().descriptor()}));
    slow_.back().leave_it_to_others();
    EXPECT_TRUE(hanging_.back().send_bytes(Bytes(15)));
    EXPECT_TRUE(connections_become({"executing"}));
    gone.reset();
    OtherProcess innocent([] {}, number);
    ASSERT_EQ(innocent.pid(), number);
    RawClient client = innocent.open(daemon_->socket());
    EXPECT_EQ(ask(client), kNoDevice);
    release();
}

/// The child of a child is in the new namespace; it ends with its parent.
void enter_pid_namespace() {
    if (::unshare(CLONE_NEWPID) != 0) ::_exit(126);
    if (const pid_t child = ::fork(); child != 0) {
        int status = 0;
        ::waitpid(child, &status, 0);
        ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
}

TEST_F(IdentityTest, AProcessOutsideOfThePidNamespaceHasItsLimits) {
    ProcessOptions options;
    options.before_exec = enter_pid_namespace;
    serve({"--max-requests-per-process=2"}, "qemu-pr-helper", options);
    for (int i = 0; i < 4; ++i) hang();
    EXPECT_TRUE(connections_become({"executing", "executing", "waiting", "waiting"}));
    OtherProcess innocent;
    RawClient client = innocent.open(daemon_->socket());
    EXPECT_EQ(ask(client), kNoDevice);
    release();
}

TEST_F(IdentityTest, NobodyWaitsWhileNamesAreLookedFor) {
    // A search through this hierarchy stops at a FIFO until somebody opens it for writing.
    const std::string list = directory_ / "groups/systemd/a.slice/cgroup.procs";
    fs::create_directories(fs::path(list).parent_path());
    ASSERT_EQ(::mkfifo(list.c_str(), 0600), 0);
    serve_with_audit(with_hierarchy([groups = directory_ / "groups"] {
        return ::mount(groups.c_str(), "/sys/fs/cgroup", nullptr, MS_BIND, nullptr) == 0;
    }));
    RawClient client = daemon_->connect();
    Descriptor search(list, O_WRONLY);  // now it is in the middle
    register_key(client, 1);
    EXPECT_EQ(state()["connections"].size(), 1U);
    EXPECT_EQ(read_file(audit()), "") << "the line waits for the name, and nobody for the line";
    search.close();
    EXPECT_EQ(peers(1)[0]["pid"], ::getpid());
}

TEST_F(IdentityTest, ThreeHundredClientsAreNamedAmongFiveThousandGroups) {
    serve_in_version_2();
    if (!daemon_) return;
    for (int i = 0; i < 5000; ++i)
        groups_.make(name("many") + ".slice/" + std::to_string(i / 10) + "/" + std::to_string(i % 10));
    std::list<OtherProcess> processes;
    std::list<RawClient> clients;
    for (int i = 0; i < 300; ++i) {
        processes.emplace_back(groups_.entering("machine.slice/" + machine("vm" + std::to_string(i) + "x")));
        clients.push_back(processes.back().open(daemon_->socket()));
    }
    const auto named = [&] {
        std::size_t count = 0;
        const Json state = this->state();
        for (const Json& connection : state["connections"])
            count += connection.value("name", "").starts_with("VM vm") ? 1 : 0;
        return count;
    };
    EXPECT_TRUE(eventually([&] { return named() == 300; })) << named();
}

}  // namespace
}  // namespace prh::test
