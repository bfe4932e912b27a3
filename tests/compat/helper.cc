// SPDX-License-Identifier: MIT
#include "compat/helper.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "compat/comparison.h"
#include "compat/existing_program.h"

namespace prh::test {
namespace {

std::string hex(const std::uint8_t* bytes, std::size_t count) {
    constexpr const char* kDigits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += kDigits[bytes[i] >> 4];
        text += kDigits[bytes[i] & 0xF];
    }
    return text;
}

/// Why a comparison cannot be made here; empty if it can.
std::string obstacle() {
    if (existing_program().missing) return existing_program().problem;
    // CAP_SETGID, CAP_SETUID and CAP_SETPCAP to drop privileges, CAP_SYS_RAWIO to keep (linux/capability.h)
    constexpr unsigned long long kNeeded = 1ULL << 6 | 1ULL << 7 | 1ULL << 8 | 1ULL << 17;
    const auto effective = std::stoull(thread_statuses(::getpid()).at(0)["CapEff"], nullptr, 16);
    if ((effective & kNeeded) != kNeeded) return "the programs need root with CAP_SYS_RAWIO";
    const int device = open_loop_device(O_RDWR);
    if (device < 0) return "no /dev/loopN can be opened";
    ::close(device);
    return "";
}

}  // namespace

std::string ReplyOutcome::text() const {
    if (exit_code) return "the program ended: " + std::to_string(*exit_code);
    if (!reply) return "the connection ended";
    return "status " + std::to_string(reply->status) + " size " + std::to_string(reply->size) + " sense " +
           hex(reply->sense.data(), reply->sense.size()) + " data " +
           hex(reply->data.data(), std::min<std::size_t>(reply->data.size(), 64));
}

Helper::Helper(const std::string& program, SgIo sg_io)
    : program_(program), socket_(directory_ / "helper.sock"), sg_io_(sg_io), injection_(directory_ / "page") {
    restart();
}

void Helper::restart() {
    client_.reset();
    process_.reset();
    ProcessOptions options;
    if (sg_io_ == SgIo::Injected) options.environment = injection_.environment();
    process_ = std::make_unique<Process>(std::vector<std::string>{program_, "-k", socket_}, options);
    const bool started = eventually([&] { return RawClient().open(socket_) || !process_->running(); });
    if (!started || !process_->running()) throw std::runtime_error(program_ + ": " + process_->err());
}

RawClient Helper::connect() {
    RawClient client;
    if (!client.open(socket_)) throw std::runtime_error("cannot connect to " + program_);
    return client;
}

ReplyOutcome Helper::ask(const Bytes& cdb, int descriptor, const Bytes& parameter_list) {
    if (!client_) client_ = connect();
    ReplyOutcome outcome;
    outcome.reply = client_->request(cdb, descriptor, parameter_list);
    if (outcome.reply) return outcome;
    client_.reset();
    outcome.exit_code = process_->wait(1);
    if (outcome.exit_code) restart();
    return outcome;
}

int open_loop_device(int flags) {
    for (int number = 0; number < 8; ++number) {
        const int fd = ::open(("/dev/loop" + std::to_string(number)).c_str(), flags | O_CLOEXEC);
        if (fd >= 0) return fd;
    }
    return -1;
}

void CompatTest::SetUp() {
    const ExistingProgram& existing = existing_program();
    if (!existing.missing && !existing.problem.empty()) FAIL() << existing.problem;
    const std::string reason = obstacle();
    if (reason.empty()) return;
    const char* const ci = std::getenv("CI");
    if (ci != nullptr && std::string(ci) == "true") FAIL() << reason;
    GTEST_SKIP() << reason;
}

void PairTest::SetUp() {
    CompatTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    device_ = open_loop_device(O_RDWR);
    existing_ = std::make_unique<Helper>(existing_program().path, sg_io());
    ours_ = std::make_unique<Helper>(kOurProgram, sg_io());
}

void PairTest::TearDown() {
    if (device_ >= 0) ::close(device_);
}

void PairTest::compare_answers(const Injection& injection, const Bytes& cdb, const Bytes& parameter_list) {
    compare_answers_on(device_, injection, cdb, parameter_list);
}

void PairTest::compare_answers_on(int descriptor, const Injection& injection, const Bytes& cdb,
                                  const Bytes& parameter_list) {
    existing().page().injection = injection;
    ours().page().injection = injection;
    ReplyExchange exchange{cdb, injection, descriptor, {}, {}};
    exchange.existing = existing().ask(cdb, descriptor, parameter_list);
    exchange.ours = ours().ask(cdb, descriptor, parameter_list);
    compare(exchange);
}

}  // namespace prh::test
