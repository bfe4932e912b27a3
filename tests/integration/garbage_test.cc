// SPDX-License-Identifier: MIT
// Bytes and descriptors without sense, many of them: the daemon goes on, and so do those who make sense.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <random>

#include "support/daemon.h"
#include "support/descriptor.h"

namespace prh::test {
namespace {

class Garbage {
  public:
    explicit Garbage(unsigned seed) : random_(seed) {}

    unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
    Bytes bytes(unsigned longest) {
        Bytes made(below(longest + 1));
        for (std::uint8_t& byte : made) byte = static_cast<std::uint8_t>(random_());
        return made;
    }
    /// Sixteen bytes that are a request more often than not.
    Bytes request() {
        Bytes cdb(16);
        for (std::uint8_t& byte : cdb) byte = static_cast<std::uint8_t>(below(4) == 0 ? random_() : 0);
        constexpr std::uint8_t kCodes[] = {0x5E, 0x5F, 0xFF};
        if (below(8) != 0) cdb[0] = kCodes[below(3)];
        return cdb;
    }

  private:
    std::mt19937 random_;
};

class Senseless : public ::testing::TestWithParam<unsigned> {};

TEST_P(Senseless, BytesAndDescriptorsHarmNobody) {
    Garbage garbage(GetParam());
    Daemon daemon({"-q", "--request-timeout=1", "--drain-timeout=5"});
    const Descriptor read_only("/dev/null", O_RDONLY);
    const std::vector<int> some{null_device(), read_only.get(), null_device()};
    RawClient other = daemon.connect();
    EXPECT_EQ(ask(other), kNoDevice);
    const std::size_t descriptors = open_descriptors(daemon.pid());
    for (int round = 0; round < 500; ++round) {
        RawClient client;
        ASSERT_TRUE(client.connect(daemon.socket()));
        if (garbage.below(10) != 0) client.send_bytes(Bytes(4));
        for (unsigned part = garbage.below(6); part > 0; --part) {
            const auto count = static_cast<std::ptrdiff_t>(garbage.below(5) == 0 ? garbage.below(4) : 1);
            const Bytes bytes = garbage.below(3) == 0 ? garbage.bytes(300) : garbage.request();
            if (!bytes.empty() && !client.send_bytes(bytes, {some.begin(), some.begin() + count})) break;
        }
        if (garbage.below(4) == 0) ::shutdown(client.fd(), SHUT_WR);
        if (garbage.below(4) == 0) client.read_bytes(garbage.below(5));  // of the greeting
        if (round % 50 == 0) {
            ASSERT_EQ(ask(other), kNoDevice) << "round " << round;
        }
    }
    EXPECT_EQ(ask(other), kNoDevice);
    EXPECT_TRUE(eventually([&] { return open_descriptors(daemon.pid()) <= descriptors; }));
    EXPECT_EQ(daemon.end(), 0);
    EXPECT_EQ(daemon.process().err(), "");
}

INSTANTIATE_TEST_SUITE_P(Seeds, Senseless, ::testing::Values(1U, 2U, 3U, 4U));

}  // namespace
}  // namespace prh::test
