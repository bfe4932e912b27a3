// SPDX-License-Identifier: MIT
#include "monitor/live_state.h"

#include "client/control_client.h"
#include "monitor/live_json.h"

namespace prh::ctl {
namespace {

constexpr std::chrono::milliseconds kFresh{250};

}  // namespace

LiveState::LiveState(std::string control, std::string socket, std::chrono::seconds timeout)
    : control_(std::move(control)), timeout_(timeout), disks_(std::move(socket), timeout) {}

Expected<LiveState::Read> LiveState::read() {
    const auto now = std::chrono::steady_clock::now();
    if (now - read_at_ < kFresh) return last_;
    last_ = read_state(control_, timeout_).and_then([](const std::string& line) {
        return parse_state(line).map([&](const HelperState& state) { return Read{line, state}; });
    });
    read_at_ = std::chrono::steady_clock::now();
    return last_;
}

Expected<HelperState> LiveState::state() {
    const std::lock_guard lock(mutex_);
    return read().map([](const Read& read) { return read.state; });
}

Expected<std::string> LiveState::json() {
    const std::lock_guard lock(mutex_);
    return read().map(
        [this](const Read& read) { return live_json(read.line, read.state, disks_.ask(read.state)); });
}

}  // namespace prh::ctl
