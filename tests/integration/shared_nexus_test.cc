// SPDX-License-Identifier: MIT
// Two clients that are one initiator to a disk. In the emulator an initiator is a name of a file: two
// processes that open the same name share it, two names of one file are two hosts.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "support/daemon.h"
#include "support/descriptor.h"
#include "support/environment.h"
#include "support/other_process.h"

namespace prh::test {
namespace {

constexpr unsigned kRegister = 0, kReserve = 1, kRelease = 2, kClear = 3, kPreempt = 4, kPreemptAndAbort = 5,
                   kRegisterAndIgnore = 6, kRegisterAndMove = 7;
constexpr unsigned kReadReservation = 1;
constexpr std::uint32_t kGood = 0x00, kConflict = 0x18;

class SharedNexus : public ::testing::Test {
  protected:
    void serve(const std::string& mode = "") {
        std::ofstream(directory_ / "disk") << "";
        std::filesystem::create_hard_link(directory_ / "disk", directory_ / "other-host");
        disk_ = Descriptor(directory_ / "disk");
        daemon_.emplace(mode.empty() ? std::vector<std::string>() : std::vector{"--shared-nexus=" + mode},
                        ProcessOptions{}, "prhelper-emulator");
        first_ = one_.open(daemon_->socket());
        second_ = two_.open(daemon_->socket());
    }
    std::uint32_t send(RawClient& client, unsigned action, std::uint64_t key, std::uint64_t new_key,
                       int disk = -1) {
        const bool has_type = action == kReserve || action == kRelease || action == kPreempt;
        const auto reply = client.request(pr_out(action, has_type ? 5 : 0), disk < 0 ? disk_.get() : disk,
                                          key_list(key, new_key));
        return reply ? reply->status : 0xFFFFFFFF;
    }
    std::uint32_t clean_up(RawClient& client) {
        const auto reply = client.request({0xFF}, disk_.get());
        return reply ? reply->status : 0xFFFFFFFF;
    }
    bool warned(int seconds = 30) {
        return daemon_->process().err_contains("through the same I_T nexus", seconds);
    }

    TemporaryDirectory directory_;
    OtherProcess one_, two_;
    std::optional<Daemon> daemon_;
    Descriptor disk_;
    RawClient first_, second_;
};

TEST_F(SharedNexus, IsWarnedOfByName) {
    serve();
    EXPECT_EQ(send(first_, kRegister, 0, 0xA), kGood);
    EXPECT_EQ(send(second_, kRegisterAndIgnore, 0, 0xB), kGood) << "as the disk has it";
    ASSERT_TRUE(warned());
    const std::string text = daemon_->process().err();
    for (const std::string& part : std::vector<std::string>{
             "pid " + std::to_string(two_.pid()) + ", uid 0", "registers with device ", directory_ / "disk",
             "pid " + std::to_string(one_.pid()) + ", uid 0", "neither is protected from the other"})
        EXPECT_NE(text.find(part), text.npos) << part << " in " << text;
}

TEST_F(SharedNexus, IsDeniedWhereThatIsAskedFor) {
    serve("deny");
    EXPECT_EQ(send(first_, kRegister, 0, 0xA), kGood);
    EXPECT_EQ(send(second_, kRegister, 0, 0xB), kConflict);
    EXPECT_EQ(send(second_, kRegisterAndIgnore, 0, 0xB), kConflict);
    EXPECT_EQ(send(second_, kRegisterAndIgnore, 0, 0), kConflict) << "it would unregister the first";
    EXPECT_EQ(send(first_, kRegister, 0xA, 0xC), kGood) << "the first one's key is what it was";
    EXPECT_TRUE(warned());
    EXPECT_EQ(daemon_->end(), 0);
    EXPECT_TRUE(daemon_->process().err_contains("3 changes denied (--shared-nexus=deny)"));
}

/// What a disk answers to a nexus that it does not know. The keys are no secret: anybody reads them.
TEST_F(SharedNexus, IsDeniedEveryChange) {
    serve("deny");
    EXPECT_EQ(send(first_, kRegister, 0, 0xA), kGood);
    EXPECT_EQ(send(first_, kReserve, 0xA, 0), kGood);
    const auto before = second_.request(pr_in(kReadReservation, 64), disk_.get());
    ASSERT_TRUE(before);
    EXPECT_EQ(before->size, 24U) << "reading changes nothing";
    for (const unsigned action : {kReserve, kRelease, kClear, kPreempt, kPreemptAndAbort, kRegisterAndMove})
        EXPECT_EQ(send(second_, action, 0xA, 0xA), kConflict) << action;
    EXPECT_EQ(clean_up(second_), kConflict);
    const auto after = first_.request(pr_in(kReadReservation, 64), disk_.get());
    ASSERT_TRUE(after);
    EXPECT_EQ(after->data, before->data);
    EXPECT_EQ(daemon_->end(), 0);
    EXPECT_TRUE(daemon_->process().err_contains("sends CLEAN-UP to device "));
    EXPECT_TRUE(daemon_->process().err_contains("7 changes denied (--shared-nexus=deny)"));
}

/// QEMU's destination registers the source's key and takes its reservation over; then the source cleans up.
TEST_F(SharedNexus, LetsAMachineMigrateToAnotherHost) {
    serve("deny");
    const Descriptor destination(directory_ / "other-host");
    EXPECT_EQ(send(first_, kRegister, 0, 0xA), kGood);
    EXPECT_EQ(send(first_, kReserve, 0xA, 0), kGood);
    EXPECT_EQ(send(second_, kRegisterAndIgnore, 0, 0xA, destination.get()), kGood);
    EXPECT_EQ(send(second_, kPreempt, 0xA, 0xA, destination.get()), kGood);
    EXPECT_EQ(clean_up(first_), kGood);
    EXPECT_EQ(send(second_, kRelease, 0xA, 0, destination.get()), kGood) << "it holds the reservation";
}

/// Through one helper, to the same I_T nexus: the destination is served once the source has cleaned up.
TEST_F(SharedNexus, LetsAMachineMigrateOnItsHostAfterTheCleanUp) {
    serve("deny");
    EXPECT_EQ(send(first_, kRegister, 0, 0xA), kGood);
    EXPECT_EQ(send(second_, kRegisterAndIgnore, 0, 0xA), kConflict);
    EXPECT_EQ(clean_up(first_), kGood);
    EXPECT_EQ(send(second_, kRegisterAndIgnore, 0, 0xA), kGood);
    EXPECT_EQ(clean_up(first_), kConflict) << "a second one would take what is the destination's now";
}

TEST_F(SharedNexus, IsNotLookedForWhereThatIsAskedFor) {
    serve("allow");
    EXPECT_EQ(send(first_, kRegister, 0, 0xA), kGood);
    EXPECT_EQ(send(second_, kRegisterAndIgnore, 0, 0xB), kGood);
    EXPECT_EQ(daemon_->end(), 0);
    EXPECT_EQ(daemon_->process().err(), "");
}

TEST_F(SharedNexus, IsNoneOnceTheFirstHasUnregistered) {
    serve("deny");
    EXPECT_EQ(send(first_, kRegister, 0, 0xA), kGood);
    EXPECT_EQ(send(first_, kRegister, 0xA, 0), kGood);
    EXPECT_EQ(send(second_, kRegister, 0, 0xB), kGood);
    EXPECT_EQ(send(second_, kClear, 0xB, 0), kGood);
    EXPECT_EQ(send(first_, kRegister, 0, 0xA), kGood);
}

TEST_F(SharedNexus, IsNoneOnceTheFirstIsGone) {
    serve("deny");
    EXPECT_EQ(send(first_, kRegister, 0, 0xA), kGood);
    first_.close();
    EXPECT_TRUE(eventually([&] { return send(second_, kRegisterAndIgnore, 0, 0xB) == kGood; }))
        << "a machine that is started again takes over what it has left";
}

TEST_F(SharedNexus, IsNoneForARegistrationThatFailed) {
    serve("deny");
    EXPECT_EQ(send(first_, kRegister, 0xBAD, 0xA), kConflict) << "not registered with that key";
    EXPECT_EQ(send(second_, kRegister, 0, 0xB), kGood);
}

TEST_F(SharedNexus, IsNoneForWhoMayNotRegister) {
    serve("deny");
    EXPECT_EQ(send(first_, kRegister, 0, 0xA), kGood);
    const Descriptor read_only(directory_ / "disk", O_RDONLY);
    EXPECT_EQ(send(second_, kRegister, 0, 0xB, read_only.get()), 0x02U) << "refused as ever";
    EXPECT_FALSE(warned(0));
}

TEST_F(SharedNexus, IsNoneBetweenConnectionsOfOneProcess) {
    serve("deny");
    RawClient again = one_.open(daemon_->socket());
    EXPECT_EQ(send(first_, kRegister, 0, 0xA), kGood);
    EXPECT_EQ(send(again, kRegister, 0xA, 0xB), kGood);
    first_.close();
    EXPECT_EQ(send(second_, kRegisterAndIgnore, 0, 0xC), kConflict) << "the process still has a connection";
}

TEST_F(SharedNexus, IsNoneBetweenTwoHosts) {
    serve("deny");
    const Descriptor other(directory_ / "other-host");
    EXPECT_EQ(send(first_, kRegister, 0, 0xA), kGood);
    EXPECT_EQ(send(second_, kRegister, 0, 0xB, other.get()), kGood);
    EXPECT_FALSE(warned(0));
}

}  // namespace
}  // namespace prh::test
