// SPDX-License-Identifier: MIT
// prhelperctl validate: the real program, over real sockets, with the emulator, with a helper that is slow or
// goes away, and with the real helper over devices that fail.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "emul/logical_unit.h"
#include "integration/ctl_fake_helper.h"
#include "support/daemon.h"
#include "support/environment.h"
#include "support/loop_device.h"
#include "support/process.h"
#include "support/sg_io_answers.h"
#include "support/shared_injection.h"

namespace prh::test {
namespace {

constexpr int kWrongUsage = 1, kInUse = 24, kFailed = 99;
using Json = nlohmann::json;

class EmulatedDisk : public testing::Test {
  protected:
    EmulatedDisk() {
        write_file(first_, "");
        write_file(another_, "");
        if (::link(first_.c_str(), second_.c_str()) != 0) throw std::runtime_error("link");
        if (!eventually([&] { return run_ctl({"ping", "--socket=" + socket_}).exit_code == 0; }))
            throw std::runtime_error("the emulator does not answer: " + emulator_.err());
    }
    ~EmulatedDisk() override {
        emulator_.signal(SIGTERM);
        EXPECT_EQ(emulator_.wait(), 0) << emulator_.err();
    }

    CtlRun run(std::vector<std::string> words) const {
        words.push_back("--socket=" + socket_);
        return run_ctl(words);
    }
    Json validate(std::vector<std::string> words, int exit_code) const {
        words.insert(words.begin(), {"validate", "--scratch", "--json"});
        const CtlRun done = run(words);
        EXPECT_EQ(done.exit_code, exit_code) << done.out << done.err;
        EXPECT_EQ(done.err, "");
        return Json::parse(done.out);
    }
    Json keys(const std::string& device) const {
        return Json::parse(run({"read-keys", "--json", device}).out)["keys"];
    }

    TemporaryDirectory directory_;
    std::string socket_ = directory_ / "socket";
    std::string first_ = directory_ / "first";
    std::string second_ = directory_ / "second";
    std::string another_ = directory_ / "another";
    std::string states_ = made(directory_ / "states");
    Process emulator_{{built("prhelper-emulator"), "-k", socket_, "--state-dir=" + states_}};

  private:
    static std::string made(const std::string& path) {
        if (::mkdir(path.c_str(), 0700) != 0) throw std::runtime_error("mkdir");
        return path;
    }
};

TEST_F(EmulatedDisk, IsFitForBothClusters) {
    const Json json = validate({"--second=" + second_, "--preempt-abort", first_}, 0);
    EXPECT_EQ(json["verdicts"]["wsfc"]["result"], "works");
    EXPECT_EQ(json["verdicts"]["fence_scsi"]["result"], "works");
    EXPECT_EQ(keys(first_), Json::array());
}

TEST_F(EmulatedDisk, IsNotCalledFitByOneNodeAlone) {
    const Json json = validate({first_}, 0);
    EXPECT_EQ(json["verdicts"]["wsfc"]["result"], "incomplete");
    EXPECT_EQ(json["verdicts"]["fence_scsi"]["result"], "incomplete");
    const CtlRun text = run({"validate", "--scratch", first_});
    EXPECT_EQ(text.exit_code, 0);
    EXPECT_NE(text.out.find("--second=DEVICE"), std::string::npos);
    EXPECT_EQ(text.out.find("needs: works"), std::string::npos);
}

TEST_F(EmulatedDisk, IsNotTouchedWithoutScratch) {
    const auto generation = [&] {
        return Json::parse(run({"read-keys", "--json", first_}).out)["generation"];
    };
    const Json before = generation();
    const CtlRun refused = run({"validate", first_});
    EXPECT_EQ(refused.exit_code, kWrongUsage);
    EXPECT_NE(refused.err.find("--scratch"), std::string::npos) << refused.err;
    EXPECT_EQ(generation(), before);
}

TEST_F(EmulatedDisk, IsLeftAloneIfSomebodyIsRegistered) {
    ASSERT_EQ(run({"register", "--param-sark=b2", second_}).exit_code, 0);
    ASSERT_EQ(run({"reserve", "--param-rk=b2", "--prout-type=5", second_}).exit_code, 0);
    const Json refused = validate({first_}, kInUse);
    EXPECT_NE(std::string(refused["error"]).find("0xb2"), std::string::npos) << refused;
    EXPECT_EQ(keys(first_), Json::array({"0xb2"}));

    const Json json = validate({"--clear-keys", "--second=" + second_, first_}, 0);
    EXPECT_EQ(json["cleared"], Json::array({"0xb2"}));
    EXPECT_EQ(keys(first_), Json::array());
}

TEST_F(EmulatedDisk, IsNoSecondNodeToItselfAndNotToAnother) {
    for (const std::string& wrong : {first_, another_}) {
        const Json json = validate({"--second=" + wrong, first_}, kFailed);
        int blamed = 0;
        for (const Json& step : json["steps"])
            if (step["status"] == "failed") {
                EXPECT_EQ(step["fault"], "second node") << step;
                ++blamed;
            }
        EXPECT_EQ(blamed, 1);
        EXPECT_EQ(keys(first_), Json::array());
        EXPECT_EQ(keys(another_), Json::array());
    }
}

TEST_F(EmulatedDisk, IsLeftCleanWhenNobodyReadsTheOutput) {
    int output[2];
    ASSERT_EQ(::pipe2(output, O_CLOEXEC), 0);
    ::close(output[0]);
    ProcessOptions options;
    options.descriptors = {{output[1], STDOUT_FILENO}};
    Process process({built("prhelperctl"), "validate", "--scratch", "--socket=" + socket_, first_}, options);
    ::close(output[1]);
    EXPECT_EQ(process.wait(), 15) << process.err();  // as whatever cannot write its output
    EXPECT_EQ(keys(first_), Json::array());
}

/// A helper over one emulated logical unit, at which a test can look: slow, and it goes away if it is told
/// to.
class SlowHelper {
  public:
    explicit SlowHelper(const std::string& path, useconds_t pause = 0)
        : pause_(pause), helper_(path, script()) {}

    std::size_t registrations() const {
        const std::lock_guard lock(mutex_);
        return unit_.registrations().size();
    }
    /// Closes the connection after it has executed the command of this number.
    void lose_answer(unsigned number) {
        const std::lock_guard lock(mutex_);
        lost_ = number;
    }

  private:
    FakeHelper::Script script() {
        return [this](FakeConversation& conversation) {
            if (!conversation.greet()) return;
            while (const std::optional<FakeRequest> request = conversation.read_request()) {
                ::usleep(pause_);
                std::unique_lock lock(mutex_);
                std::array<std::uint8_t, Cdb::kSize> bytes{};
                std::copy_n(request->cdb.begin(), bytes.size(), bytes.begin());
                const Cdb cdb(bytes);
                Bytes data(cdb.is_persistent_reserve_in() ? cdb.allocation_length() : 0);
                const CommandResult result = unit_.execute(nexus_, cdb, request->parameter_list, data);
                data.resize(result.data_length);
                if (++count_ == lost_) return;
                lock.unlock();
                const ConstBytes sense = result.sense.bytes();
                conversation.reply(static_cast<std::uint32_t>(result.status), data,
                                   Bytes(sense.begin(), sense.end()));
            }
        };
    }

    const useconds_t pause_;
    mutable std::mutex mutex_;
    LogicalUnit unit_;
    const Nexus nexus_{TransportId::sas(1), 1};
    unsigned count_ = 0;
    unsigned lost_ = 0;
    FakeHelper helper_;  // the last one: its thread uses the others
};

TEST(ValidateInterrupted, RemovesWhatItRegistered) {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        TemporaryDirectory directory;
        write_file(directory / "disk", "");
        SlowHelper helper(directory / "socket", 20'000);
        Process process({built("prhelperctl"), "validate", "--scratch", "--socket=" + (directory / "socket"),
                         directory / "disk"});
        ASSERT_TRUE(
            eventually([&] { return process.out().find("a node changes its key") != std::string::npos; }));
        process.signal(number);
        EXPECT_EQ(process.wait(), kFailed) << process.out();
        EXPECT_NE(process.out().find("\nInterrupted.\n"), std::string::npos) << process.out();
        EXPECT_NE(process.out().find("Nothing of this run is left"), std::string::npos) << process.out();
        EXPECT_EQ(helper.registrations(), 0U);
    }
}

TEST(ValidateWithALostHelper, BlamesItAndCleansUpWhenItIsBack) {
    TemporaryDirectory directory;
    write_file(directory / "disk", "");
    SlowHelper helper(directory / "socket");
    helper.lose_answer(
        5);  // the first REGISTER: two look at the disk, one asks for capabilities, one looks again
    const CtlRun run =
        run_ctl({"validate", "--scratch", "--socket=" + (directory / "socket"), directory / "disk"});
    EXPECT_EQ(run.exit_code, kFailed);
    EXPECT_NE(run.out.find("fault of    helper\n"), std::string::npos) << run.out;
    EXPECT_NE(run.out.find("Nothing of this run is left"), std::string::npos) << run.out;
    EXPECT_EQ(helper.registrations(), 0U);
}

TEST(ValidateWithALostHelper, SaysWhatRemovesTheRestWhenItStaysAway) {
    TemporaryDirectory directory;
    write_file(directory / "disk", "");
    auto helper = std::make_unique<SlowHelper>(directory / "socket", 20'000);
    Process process({built("prhelperctl"), "validate", "--scratch", "--timeout=2",
                     "--socket=" + (directory / "socket"), directory / "disk"});
    ASSERT_TRUE(eventually([&] { return helper->registrations() > 0; }));
    ASSERT_EQ(::unlink((directory / "socket").c_str()), 0);  // nobody can come back to it
    helper->lose_answer(12);
    EXPECT_EQ(process.wait(), kFailed) << process.out();
    EXPECT_NE(process.out().find("fault of    helper\n"), std::string::npos) << process.out();
    EXPECT_NE(process.out().find("may be left on the disk. This removes it:\n  prhelperctl --socket=" +
                                 (directory / "socket") + " register "),
              std::string::npos)
        << process.out();
}

std::string first_fault(const CtlRun& run) {
    const Json said = Json::parse(run.out);
    for (const Json& step : said["steps"])
        if (step["status"] == "failed") return step["fault"];
    return "";
}

/// The real helper, and devices that are not what a cluster needs.
TEST(ValidateWithTheRealHelper, AFileIsNoDiskAndThatIsNotTheArraysFault) {
    Daemon daemon;
    write_file(daemon.directory() / "file", "");
    const CtlRun run = run_ctl(
        {"validate", "--scratch", "--json", "--socket=" + daemon.socket(), daemon.directory() / "file"});
    EXPECT_EQ(run.exit_code, kFailed) << run.err;
    EXPECT_EQ(first_fault(run), "helper") << run.out;
    EXPECT_EQ(daemon.end(), 0);
}

TEST(ValidateWithTheRealHelper, BlamesWhatFails) {
    if (kSanitized) GTEST_SKIP() << "a sanitizer's own wrapper of ioctl comes before the injector's";
    LoopDevice loop;
    if (!loop.failure().empty()) PRH_CANNOT_RUN(loop.failure());
    TemporaryDirectory directory;
    SharedInjection injection(directory / "injection");
    ProcessOptions options;
    options.environment = injection.environment();
    Daemon daemon(std::vector<std::string>{}, options);
    const auto host = [](std::uint16_t status) {
        Injection fault;
        fault.host_status = status;
        return fault;
    };
    Injection busy;
    busy.status = 0x08;
    Injection no_opcode;
    no_opcode.status = 0x02;
    no_opcode.sense_length = 18;
    no_opcode.sense[0] = 0x70;
    no_opcode.sense[2] = 0x05;
    no_opcode.sense[7] = 10;
    no_opcode.sense[12] = 0x20;
    const std::pair<Injection, std::string> cases[] = {
        {host(0x01), "path"},  // DID_NO_CONNECT
        {host(0x03), "path"},  // DID_TIME_OUT
        {host(0x0E), "path"},  // DID_TRANSPORT_DISRUPTED
        {host(0x07), "path"},  // DID_ERROR
        {busy, "helper"},
        {no_opcode, "array"},
        {ioctl_error(EPERM), "helper"},
        {ioctl_error(EBADE), "array"},
    };
    for (const auto& [fault, blamed] : cases) {
        injection.page(0).injection = fault;
        const CtlRun run =
            run_ctl({"validate", "--scratch", "--json", "--socket=" + daemon.socket(), loop.node()});
        EXPECT_EQ(run.exit_code, kFailed) << run.err;
        EXPECT_EQ(first_fault(run), blamed) << run.out;
    }
    EXPECT_EQ(daemon.end(), 0);
}

}  // namespace
}  // namespace prh::test
