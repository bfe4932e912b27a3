// SPDX-License-Identifier: MIT
// A start that fails late, when clients have connected already: it ends, whatever they do. The audit file is
// slow to open here, so that the start can be held between its sockets and its threads.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>
#include <list>

#include "support/daemon.h"
#include "support/environment.h"
#include "support/hostile_fuse_file.h"
#include "support/lingering_socket.h"

namespace prh::test {
namespace {

class FailedStart : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!audit_.failure().empty()) PRH_CANNOT_RUN(audit_.failure());
        ::chmod(directory_.path().c_str(), 0777);  // its sockets are removed by another user
    }
    /// Returns when both sockets are there and the audit file is being opened.
    void begin(std::vector<std::string> arguments = {}, const ProcessOptions& options = {}) {
        arguments.insert(arguments.begin(), {built("qemu-pr-helper"), "-k", socket_, "-f", pid_file_,
                                             "--control=" + control_, "--audit=" + audit_.slow_path()});
        process_.emplace(arguments, options);
        ASSERT_TRUE(eventually([&] { return audit_.count("open") == 1; })) << process_->err();
    }
    /// A client whose descriptor hangs whoever drops it, the kernel aside.
    void connect_hostile(const std::string& path) {
        RawClient& client = clients_.emplace_back();
        ASSERT_TRUE(client.connect(path));
        ASSERT_TRUE(client.send_bytes({'x'}, {devices_.emplace_back().descriptor()}));
        devices_.back().leave_it_to_others();
    }
    void expect_ended(const std::string& message) {
        EXPECT_EQ(process_->wait(), 1);
        EXPECT_NE(process_->err().find(message), std::string::npos) << process_->err();
        EXPECT_TRUE(std::filesystem::is_empty(directory_.path())) << "a socket or the pid file is left";
    }

    TemporaryDirectory directory_;
    const std::string socket_ = directory_ / "socket";
    const std::string control_ = directory_ / "control";
    const std::string pid_file_ = directory_ / "pid";
    HostileFuseFile audit_;
    std::list<LingeringSocket> devices_;
    std::list<RawClient> clients_;
    std::optional<Process> process_;
};

TEST_F(FailedStart, DoesNotWaitForClientsThatWereNotAccepted) {
    begin();
    connect_hostile(socket_);
    connect_hostile(control_);
    audit_.end();
    expect_ended("Failed to open the audit file");
}

/// Audit and control have their threads, the first worker gets none.
TEST_F(FailedStart, DoesNotDestroyWhatAThreadThatHangsUses) {
    if (kSanitized) GTEST_SKIP() << "a sanitizer's runtime starts threads of its own";
    ProcessOptions options;
    options.before_exec = [] {
        const rlimit three{3, 3};
        ::setrlimit(RLIMIT_NPROC, &three);
    };
    constexpr char kUserWithoutProcesses[] = "61197";
    // Without Landlock, which would need the audit's directory: that user cannot look into another process.
    begin({"-u", kUserWithoutProcesses, "-g", kUserWithoutProcesses, "--seccomp=off"}, options);
    for (int i = 0; i < 2; ++i) connect_hostile(control_);
    audit_.let_open();
    expect_ended("Failed to start a thread: Resource temporarily unavailable");
}

}  // namespace
}  // namespace prh::test
