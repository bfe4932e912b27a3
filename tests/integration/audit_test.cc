// SPDX-License-Identifier: MIT
// Who sent what to which disk, and what came of it: read from the audit file of a real server.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/daemon.h"
#include "support/descriptor.h"
#include "support/environment.h"
#include "support/loop_device.h"

namespace prh::test {
namespace {

constexpr unsigned kRegister = 0, kReserve = 1, kPreempt = 4;

class AuditTest : public ::testing::Test {
  protected:
    void serve(std::vector<std::string> arguments = {}, const std::string& file = "") {
        std::ofstream(directory_ / "disk") << "";
        disk_ = Descriptor(directory_ / "disk");
        arguments.push_back("--audit=" + (file.empty() ? path() : file));
        daemon_.emplace(arguments, ProcessOptions{}, "prhelper-emulator");
        client_ = daemon_->connect();
    }
    std::string path() { return directory_ / "audit"; }
    void send(unsigned action, std::uint64_t key, std::uint64_t action_key, unsigned type = 0) {
        EXPECT_TRUE(client_.request(pr_out(action, type), disk_.get(), key_list(key, action_key)));
    }
    /// The lines of `file`, once there are `count`.
    std::vector<nlohmann::json> lines(std::size_t count, const std::string& file) {
        std::vector<nlohmann::json> found;
        eventually([&] {
            found.clear();
            std::ifstream in(file);
            for (std::string line; std::getline(in, line);) found.push_back(nlohmann::json::parse(line));
            return found.size() >= count;
        });
        EXPECT_EQ(found.size(), count);
        found.resize(count);
        return found;
    }

    TemporaryDirectory directory_;
    Descriptor disk_;
    std::optional<Daemon> daemon_;
    RawClient client_;
};

TEST_F(AuditTest, HasALineForEachCommandThatChanges) {
    serve();
    send(kRegister, 0, 0xA);
    EXPECT_TRUE(client_.request(pr_in(0, 64), disk_.get()));
    send(kReserve, 0xA, 0, 5);
    send(kReserve, 0xBAD, 0, 5);
    const auto records = lines(3, path());
    EXPECT_EQ(records[0]["event"], "out");
    EXPECT_EQ(records[0]["action"], "REGISTER");
    EXPECT_EQ(records[0]["key"], "0x0");
    EXPECT_EQ(records[0]["action_key"], "0xa");
    EXPECT_EQ(records[0]["aptpl"], false);
    EXPECT_EQ(records[0]["status"], "GOOD");
    EXPECT_EQ(records[0]["peer"]["pid"], ::getpid());
    EXPECT_EQ(records[0]["peer"]["uid"], ::getuid());
    EXPECT_EQ(records[0]["device"]["name"], directory_ / "disk");
    EXPECT_FALSE(records[0].contains("type"));
    EXPECT_GE(records[0]["device_us"], 0);
    EXPECT_EQ(records[0]["queued_us"], 0);
    EXPECT_EQ(records[1]["type"], 5);
    EXPECT_EQ(records[1]["type_name"], "Write Exclusive, registrants only");
    EXPECT_EQ(records[2]["status"], "RESERVATION CONFLICT");
    EXPECT_LE(records[0]["time"], records[2]["time"]);
}

TEST_F(AuditTest, HasReadsWhereTheyAreAskedFor) {
    serve({"--audit-reads=on", "--audit-sync=on"});
    EXPECT_TRUE(client_.request(pr_in(0, 64), disk_.get()));
    const auto records = lines(1, path());
    EXPECT_EQ(records[0]["event"], "in");
    EXPECT_EQ(records[0]["action"], "READ KEYS");
    EXPECT_FALSE(records[0].contains("key"));
}

TEST_F(AuditTest, NamesTheDiskThatTheCommandWasSentTo) {
    LoopDevice disk;
    if (!disk.failure().empty()) PRH_CANNOT_RUN(disk.failure());
    const Descriptor opened(disk.node());
    Daemon daemon({"--audit=" + path()});
    RawClient client = daemon.connect();
    // No SCSI disk: its driver refuses SG_IO, but it was asked.
    EXPECT_TRUE(client.request(pr_out(kRegister, 0), opened.get(), key_list(0, 0xA)));
    EXPECT_TRUE(client.request(pr_out(kRegister, 0), null_device(), key_list(0, 0xA)));
    const auto records = lines(2, path());
    EXPECT_EQ(records[0]["paths_used"], nlohmann::json::array({disk.name()}));
    EXPECT_EQ(records[1]["paths_used"], nlohmann::json::array()) << "it was refused before";
}

/// It takes no key, and unregisters a host.
TEST_F(AuditTest, HasTheCleanUpAfterAMigration) {
    serve();
    EXPECT_TRUE(client_.request({0xFF}, disk_.get()));
    const auto records = lines(1, path());
    EXPECT_EQ(records[0]["event"], "cleanup");
    EXPECT_EQ(records[0]["action"], "CLEAN-UP");
    EXPECT_EQ(records[0]["status"], "GOOD");
    EXPECT_EQ(records[0]["device"]["name"], directory_ / "disk");
    EXPECT_FALSE(records[0].contains("key"));
    EXPECT_TRUE(daemon_->process().err_contains("CLEAN-UP on "));
}

TEST_F(AuditTest, TellsOfARefusalInWords) {
    serve();
    EXPECT_TRUE(client_.request(pr_out(31, 0), disk_.get(), key_list(1, 2)));
    const auto records = lines(1, path());
    EXPECT_EQ(records[0]["status"], "CHECK CONDITION");
    EXPECT_EQ(records[0]["sense"], "ILLEGAL REQUEST, INVALID FIELD IN CDB (5/24/00)");
}

TEST_F(AuditTest, WhatSomebodyMayHaveToExplainIsInTheLogToo) {
    serve();
    send(kRegister, 0, 0xA);
    send(kPreempt, 0xA, 0xA, 5);
    EXPECT_TRUE(daemon_->process().err_contains("PREEMPT on "));
    EXPECT_TRUE(daemon_->process().err_contains("key 0xa, service action key 0xa: "));
    EXPECT_EQ(daemon_->process().err().find("REGISTER"), std::string::npos) << "that is everyday";
}

TEST_F(AuditTest, GoesOnInANewFileAfterSigusr1) {
    serve();
    send(kRegister, 0, 0xA);
    lines(1, path());
    std::filesystem::rename(path(), directory_ / "audit.1");
    daemon_->process().signal(SIGUSR1);
    EXPECT_TRUE(eventually([&] { return exists(path()); }));
    send(kRegister, 0xA, 0xB);
    EXPECT_EQ(lines(1, path())[0]["action_key"], "0xb");
    EXPECT_EQ(lines(1, directory_ / "audit.1")[0]["action_key"], "0xa");
    EXPECT_EQ(daemon_->end(), 0) << "SIGUSR1 does not end it";
}

TEST_F(AuditTest, IsAppendedTo) {
    write_file(path(), "{\"old\":true}\n");
    serve();
    send(kRegister, 0, 0xA);
    EXPECT_EQ(lines(2, path())[0]["old"], true);
}

TEST_F(AuditTest, OnAFullDiskCostsNoCommandAndIsCounted) {
    serve({}, "/dev/full");
    send(kRegister, 0, 0xA);
    send(kRegister, 0xA, 0xB);
    EXPECT_EQ(daemon_->end(), 0);
    EXPECT_TRUE(daemon_->process().err_contains("2 lines of the audit could not be written to '/dev/full'"));
}

TEST_F(AuditTest, IsWholeAtTheEnd) {
    serve();
    for (std::uint64_t key = 0; key < 500; ++key) send(kRegister, key, key + 1);
    EXPECT_EQ(daemon_->end(), 0);
    std::ifstream in(path());
    std::size_t count = 0;
    for (std::string line; std::getline(in, line);) ++count;
    EXPECT_EQ(count, 500U);
}

TEST_F(AuditTest, ThatCannotBeWrittenEndsTheStart) {
    Process process({built("prhelper-emulator"), "-k", directory_ / "socket", "--audit=/nowhere/audit"});
    EXPECT_EQ(process.wait(), 1);
    EXPECT_NE(process.err().find("Failed to open the audit file '/nowhere/audit': No such file or directory"),
              std::string::npos)
        << process.err();
}

}  // namespace
}  // namespace prh::test
