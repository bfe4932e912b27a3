// SPDX-License-Identifier: MIT
#include "observe/log.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>

namespace prh {

Log::Log(std::string program) : program_(std::move(program)), system_log_(program_) {
    ::signal(SIGPIPE, SIG_IGN);  // before the first line: whoever reads stderr may be gone already
}

void Log::leave_stderr() {
    const std::lock_guard lock(mutex_);
    stderr_usable_ = false;
}

void Log::set_client_rate(std::size_t lines_per_second) {
    const std::lock_guard lock(mutex_);
    client_rate_ = static_cast<double>(lines_per_second);
    for (Allowance& allowance : allowances_) allowance.tokens = burst();
}

void Log::write(std::string_view text) {
    const std::lock_guard lock(mutex_);
    write_locked(text);
}

void Log::client(std::string_view text, About about) {
    if (verbosity_ == Verbosity::Quiet) return;
    const std::lock_guard lock(mutex_);
    auto& [tokens, refilled, suppressed] = allowances_.at(static_cast<std::size_t>(about));
    const auto now = Clock::now();
    const std::chrono::duration<double> passed = now - std::exchange(refilled, now);
    tokens = std::min(burst(), tokens + passed.count() * client_rate_);
    if (tokens < 1) {
        ++suppressed;
        ++left_out_;
        return;
    }
    tokens -= 1;
    if (suppressed > 0)
        write_locked(fmt::format("{} messages about clients left out", std::exchange(suppressed, 0)));
    write_locked(text);
}

void Log::write_locked(std::string_view text) {
    constexpr FdRef kStderr(2);
    if (undelivered_ > 0) {
        const std::string note = fmt::format("{} messages could not be written", undelivered_);
        if ((stderr_usable_ && write_line(kStderr, fmt::format("{}: {}\n", program_, note))) ||
            system_log_.write(note))
            undelivered_ = 0;
    }
    if (stderr_usable_ && write_line(kStderr, fmt::format("{}: {}\n", program_, text))) return;
    if (!system_log_.write(text)) ++undelivered_;
}

}  // namespace prh
