// SPDX-License-Identifier: MIT
// Names are found beside the way of requests, and never for another process.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <optional>

#include "server/client_names.h"
#include "support/listening_socket.h"
#include "support/other_process.h"

namespace prh::test {
namespace {

constexpr char kScope[] = "systemd/machine.slice/machine-qemu\\x2d1\\x2ddb1.scope";

/// A hierarchy of version 1, in which groups are found by processes.
class ClientNamesTest : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!pidfd_support().peers) GTEST_SKIP() << "the kernel has no SO_PEERPIDFD";
        listener_ = listening_socket(directory_ / "socket");
        std::filesystem::create_directories(root_ / kScope);
    }
    /// It is the only process there.
    void put_into_machine(pid_t process) {
        write_file(root_ / (std::string(kScope) + "/cgroup.procs"), std::to_string(process) + "\n");
    }
    /// A search stops here, at a list that is a FIFO, until the test closes held_search().
    void hold_searches() {
        std::filesystem::create_directories(root_ / "systemd/a.slice");
        ASSERT_EQ(::mkfifo((root_ / "systemd/a.slice/cgroup.procs").c_str(), 0600), 0);
    }
    Descriptor held_search() { return Descriptor(root_ / "systemd/a.slice/cgroup.procs", O_WRONLY); }
    std::shared_ptr<ClientIdentity> seek(OtherProcess& process) {
        const RawClient client = process.connect(directory_ / "socket");
        const UniqueFd socket = accept_client(FdRef(listener_.get()));
        const PeerProcess peer = peer_process(socket.ref(), names_.support());
        auto identity = std::make_shared<ClientIdentity>(peer.credentials, peer.inode);
        names_.seek(identity, peer);
        return identity;
    }
    void await(const std::shared_ptr<ClientIdentity>& client) {
        std::promise<void> named;
        names_.when_named(client, [&] { named.set_value(); });
        ASSERT_EQ(named.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready);
    }

    TemporaryDirectory directory_, root_;
    Descriptor listener_;
    ClientNames names_{pidfd_support(), root_.path()};
};

TEST_F(ClientNamesTest, AreFoundForProcessesThatAreThere) {
    ASSERT_TRUE(names_.start());
    OtherProcess machine, other;
    put_into_machine(machine.pid());
    const auto one = seek(machine), two = seek(other);
    await(one);
    await(two);
    EXPECT_EQ(one->name(), "VM db1");
    EXPECT_EQ(one->title().find("VM db1 (pid "), 0U);
    EXPECT_EQ(two->name(), "");
}

TEST_F(ClientNamesTest, AreNotThoseOfWhoGotTheNumberOfAProcessThatHasEnded) {
    hold_searches();
    ASSERT_TRUE(names_.start());
    std::optional<OtherProcess> attacker(std::in_place);
    const auto client = seek(*attacker);
    Descriptor held = held_search();
    const pid_t number = attacker->pid();
    attacker.reset();
    OtherProcess machine([] {}, number);
    ASSERT_EQ(machine.pid(), number);
    put_into_machine(number);
    std::filesystem::remove(root_ / "systemd/a.slice/cgroup.procs");
    held.close();
    await(client);
    EXPECT_EQ(client->name(), "");
}

TEST_F(ClientNamesTest, AreWaitedForByNobodyWhoAsks) {
    hold_searches();
    ASSERT_TRUE(names_.start());
    OtherProcess machine;
    put_into_machine(machine.pid());
    const auto client = seek(machine);
    Descriptor held = held_search();
    EXPECT_EQ(client->name(), "") << "it is not known yet, and that is the answer";
    EXPECT_EQ(client->title(), "pid " + std::to_string(machine.pid()) + ", uid 0");
    std::atomic<int> told = 0;
    int first = 0, second = 0;
    names_.when_named(client, [&] { first = ++told; });
    names_.when_named(std::make_shared<ClientIdentity>(PeerCredentials{1, 0, 0}), [&] { second = ++told; });
    EXPECT_EQ(told, 0) << "what is to be told of it waits, and what comes behind it too";
    held.close();
    await(client);
    EXPECT_EQ(client->name(), "VM db1");
    EXPECT_EQ(first, 1);
    EXPECT_EQ(second, 2);
}

TEST_F(ClientNamesTest, AreNotWaitedForByMoreThanThereIsRoomFor) {
    hold_searches();
    ASSERT_TRUE(names_.start());
    OtherProcess machine;
    const auto client = seek(machine);
    Descriptor held = held_search();
    std::atomic<std::size_t> told = 0;
    for (std::size_t i = 0; i < 3 * ClientNames::kWaiting; ++i) names_.when_named(client, [&] { ++told; });
    EXPECT_EQ(told, ClientNames::kWaiting) << "without a name";
    held.close();
    names_.finish();
    EXPECT_EQ(told, 3 * ClientNames::kWaiting) << "none is lost";
}

TEST_F(ClientNamesTest, AreGivenUpAtTheEnd) {
    ASSERT_TRUE(names_.start());
    OtherProcess machine, next;
    await(seek(machine));
    const auto client = seek(next);  // the next search is a second away
    bool told = false;
    names_.when_named(client, [&] { told = true; });
    names_.finish();
    EXPECT_TRUE(told);
    names_.when_named(client, [&] { told = false; });
    EXPECT_FALSE(told) << "at once, from here on";
}

TEST_F(ClientNamesTest, AreNotLookedForWithoutAThread) {
    OtherProcess machine;
    put_into_machine(machine.pid());
    const auto client = seek(machine);
    bool told = false;
    names_.when_named(client, [&] { told = true; });
    EXPECT_TRUE(told);
    EXPECT_EQ(client->name(), "");
}

}  // namespace
}  // namespace prh::test
