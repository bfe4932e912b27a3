// SPDX-License-Identifier: MIT
// Each system call of a request that opens, lists, reads or asks fails once, for want of descriptors or
// memory, or with an I/O error. No error is taken for "there is nothing".
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>

#include "multipath_io/registered_disks.h"
#include "support/failing_call.h"

namespace prh::test {
namespace {

constexpr std::uint64_t K = 0x1111, K2 = 0x2222;
/// A watch goes on until it is done, which takes time: one error of each kind.
const std::vector<int> kOfEachKind{EMFILE, EIO};

class FailingCallsTest : public RegisteredDisksTest {
  protected:
    /// One for each disk that a command is sent to, as SG_IO is.
    SgOutcome answer(FdRef disk, const SgCommand& command) override {
        std::uint64_t size = 0;
        if (::ioctl(disk.get(), BLKGETSIZE64, &size) != 0)
            return {delivery_of_errno(errno), result_of_errno(errno)};
        return RegisteredDisksTest::answer(device_number(disk), command);
    }
    std::unique_ptr<MultipathDevice> device() {
        MultipathSettings settings = this->settings();
        settings.watch.search = settings.watch.longest_rest = std::chrono::milliseconds(20);
        settings.watch.quick_period = std::chrono::milliseconds(5);
        return std::make_unique<MultipathDevice>(settings, trace_, [this](std::string_view text) {
            const std::lock_guard lock(mutex_);
            said_ += std::string(text) + "\n";
        });
    }
    std::string said() {
        const std::lock_guard lock(mutex_);
        return said_;
    }
    /// `scenario` calls begin() and end() of what it is given. Runs it for each call in between, with each
    /// error.
    void for_each_call(const std::function<void(FailingCall&)>& scenario,
                       const std::vector<int>& errors = {EMFILE, ENFILE, ENOMEM, EIO}) {
        for (const int error : errors) {
            std::size_t number = 0;
            for (bool failed = true; failed && !HasFailure(); ++number) {
                SCOPED_TRACE(fmt::format("call {} fails with {}", number, std::strerror(error)));
                begin_anew();
                said_.clear();
                const std::size_t before = open_descriptors(::getpid());
                FailingCall call(number, error);
                if (!call.run([&] {
                        SCOPED_TRACE(fmt::format("call {} fails with {}", number, std::strerror(error)));
                        scenario(call);
                    }))
                    PRH_CANNOT_RUN("the kernel has no seccomp user notification");
                EXPECT_EQ(open_descriptors(::getpid()), before) << said_;
                failed = call.has_failed();
            }
            EXPECT_GT(number, 20U) << "there are more calls than that";
        }
    }
    /// The registrations of the first `count` disks.
    std::vector<std::uint64_t> keys(std::size_t count) {
        std::vector<std::uint64_t> keys;
        for (std::size_t i = 0; i < count; ++i) keys.push_back(key_of(i));
        return keys;
    }
    using Keys = std::vector<std::uint64_t>;

    std::string said_;
};

TEST_F(FailingCallsTest, AFirstRegistrationIsGoodOnEveryPathOrIsRefused) {
    for_each_call([&](FailingCall& call) {
        const auto device = this->device();
        call.begin();
        const ScsiStatus status = register_key(*device, K);
        call.end();
        if (status == ScsiStatus::Good) {
            EXPECT_EQ(keys(2), (Keys{K, K})) << said();
        } else {
            EXPECT_NE(said(), "");
        }
        EXPECT_EQ(register_key(*device, K), ScsiStatus::Good) << said();
        EXPECT_EQ(keys(2), (Keys{K, K})) << said();
    });
}

TEST_F(FailingCallsTest, AChangeOfTheKeyReachesAPathThatIsNewOrIsRefused) {
    for_each_call([&](FailingCall& call) {
        const auto device = this->device();
        ASSERT_EQ(register_key(*device, K), ScsiStatus::Good);
        add_path(2);
        call.begin();
        const ScsiStatus status = register_key(*device, K2);
        call.end();
        if (status == ScsiStatus::Good) {
            EXPECT_EQ(keys(3), (Keys{K2, K2, K2})) << said();
        }
        EXPECT_EQ(register_key(*device, K2), ScsiStatus::Good) << said();
        EXPECT_EQ(keys(3), (Keys{K2, K2, K2})) << said();
    });
}

TEST_F(FailingCallsTest, AnUnregistrationLeavesNoPathBehindOrIsRefused) {
    for_each_call([&](FailingCall& call) {
        const auto device = this->device();
        ASSERT_EQ(register_key(*device, K), ScsiStatus::Good);
        call.begin();
        const ScsiStatus status = register_key(*device, 0);
        call.end();
        if (status == ScsiStatus::Good) {
            EXPECT_EQ(keys(2), (Keys{0, 0})) << said();
        }
        EXPECT_EQ(register_key(*device, 0), ScsiStatus::Good) << said();
        EXPECT_EQ(keys(2), (Keys{0, 0})) << said();
    });
}

TEST_F(FailingCallsTest, ANewProcessChangesTheKeyOnEveryPathOrRefuses) {
    for_each_call([&](FailingCall& call) {
        map_->set_state("sdb", "offline");
        ASSERT_EQ(register_key(*device(), K), ScsiStatus::Good);
        map_->set_state("sdb", "running");
        call.begin();
        const auto device = this->device();
        const ScsiStatus status = register_key(*device, K2);
        call.end();
        if (status == ScsiStatus::Good) {
            EXPECT_EQ(keys(2), (Keys{K2, K2})) << said();
        }
        EXPECT_EQ(register_key(*device, K2), ScsiStatus::Good) << said();
        EXPECT_EQ(keys(2), (Keys{K2, K2})) << said();
    });
}

TEST_F(FailingCallsTest, APathThatReturnedIsRegisteredByTheWatchAllTheSame) {
    for_each_call(
        [&](FailingCall& call) {
            map_->set_state("sdb", "offline");
            ASSERT_EQ(register_key(*device(), K), ScsiStatus::Good);
            map_->set_state("sdb", "running");
            const auto device = this->device();
            call.begin();
            device->start();
            EXPECT_TRUE(eventually([&] { return keys(2) == Keys{K, K}; })) << said();
            call.end();
        },
        kOfEachKind);
}

TEST_F(FailingCallsTest, APathThatIsNewIsRegisteredByTheWatchAllTheSame) {
    for_each_call(
        [&](FailingCall& call) {
            const auto device = this->device();
            device->start();
            ASSERT_EQ(register_key(*device, K), ScsiStatus::Good);
            add_path(2);
            call.begin();
            EXPECT_TRUE(eventually([&] { return keys(3) == Keys{K, K, K}; })) << said();
            call.end();
        },
        kOfEachKind);
}

}  // namespace
}  // namespace prh::test
