// SPDX-License-Identifier: MIT
#include "load/honest_client.h"

#include <unistd.h>

namespace prh::test {
namespace {

constexpr std::uint64_t kAlphasKey = 0xA1, kBetasKey = 0xB2;
constexpr unsigned kRegistrantsOnly = 5;

struct Step {
    const char* what;
    std::size_t host;
    Bytes cdb;
    Bytes list;
    const char* answer;
};

const std::array<Step, 10>& row() {
    constexpr unsigned kRegister = 0, kReserve = 1, kClear = 3, kPreempt = 4;
    constexpr unsigned kReadKeys = 0, kReadReservation = 1;
    constexpr std::size_t kAlpha = 0, kBeta = 1;
    static const std::array<Step, 10> steps = {{
        {"alpha registers", kAlpha, pr_out(kRegister, 0), key_list(0, kAlphasKey), "00"},
        {"beta registers", kBeta, pr_out(kRegister, 0), key_list(0, kBetasKey), "00"},
        {"alpha reserves", kAlpha, pr_out(kReserve, kRegistrantsOnly), key_list(kAlphasKey, 0), "00"},
        {"beta reserves", kBeta, pr_out(kReserve, kRegistrantsOnly), key_list(kBetasKey, 0), "18"},
        {"beta reads the reservation", kBeta, pr_in(kReadReservation, 24), {}, "00"},
        {"beta preempts", kBeta, pr_out(kPreempt, kRegistrantsOnly), key_list(kBetasKey, kAlphasKey), "00"},
        {"alpha is told", kAlpha, pr_out(kReserve, kRegistrantsOnly), key_list(kAlphasKey, 0), "02 6/2a/05"},
        {"alpha stays out", kAlpha, pr_out(kReserve, kRegistrantsOnly), key_list(kAlphasKey, 0), "18"},
        {"beta reads the keys", kBeta, pr_in(kReadKeys, 8192), {}, "00"},
        {"beta clears", kBeta, pr_out(kClear, 0), key_list(kBetasKey, 0), "00"},
    }};
    return steps;
}

Descriptor name_of(const std::string& disk, const char* host) {
    const std::string name = disk + host;
    ::link(disk.c_str(), name.c_str());
    return Descriptor(name);
}

}  // namespace

HonestClient::HonestClient(std::string socket, const std::string& disk) : socket_(std::move(socket)) {
    const Descriptor made(disk, O_RDWR | O_CREAT);
    hosts_ = {name_of(disk, "-alpha"), name_of(disk, "-beta")};
    if (!hosts_[0].valid() || !hosts_[1].valid()) failure_ = "cannot make " + disk;
}

bool HonestClient::step() {
    if (!failure_.empty()) return false;
    const Step& command = row()[next_];
    next_ = (next_ + 1) % row().size();
    if (client_.fd() < 0 && !client_.open(socket_)) {
        failure_ = std::string(command.what) + ": nobody answers";
        return false;
    }
    const auto reply = client_.request(command.cdb, hosts_[command.host].get(), command.list);
    const std::string seen = reply ? reply->brief() : "nothing";
    if (seen != command.answer)
        failure_ = std::string(command.what) + ": expected " + command.answer + ", seen " + seen;
    return failure_.empty();
}

bool HonestClient::finish() {
    while (next_ != 0)
        if (!step()) return false;
    return failure_.empty();
}

}  // namespace prh::test
