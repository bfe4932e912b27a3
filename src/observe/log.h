// SPDX-License-Identifier: MIT
// The program's own messages: one line each, on stderr while somebody holds its other end, in the system log
// afterwards.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "observe/line_sink.h"

namespace prh {

class Log {
  public:
    enum class Verbosity { Quiet, Normal };  ///< Quiet: nothing about single clients

    /// `program`: what every line begins with.
    explicit Log(std::string program);

    const std::string& program() const { return program_; }
    void set_verbosity(Verbosity verbosity) { verbosity_ = verbosity; }
    bool quiet() const { return verbosity_ == Verbosity::Quiet; }
    /// Lines about clients in a second, on average, of each kind; ten times as many at once.
    void set_client_rate(std::size_t lines_per_second);
    /// stderr is gone (the program went into the background): from now on the system log alone.
    void leave_stderr();

    /// What an administrator must see.
    void write(std::string_view text);
    /// What a line about a client tells of. Each has a rate of its own, so that a client which breaks the
    /// protocol, or runs into conflicts, as often as it can does not hide the others.
    enum class About { Connections, Commands, Nexuses };
    /// What a client did. Limited, so that no client can fill a disk; what is left out is counted and the
    /// count is written with the next line of its kind.
    void client(std::string_view text, About about = About::Connections);

    /// Lines of client() that were left out since the beginning.
    std::uint64_t left_out() const { return left_out_; }

    static constexpr std::size_t kClientLinesPerSecond = 5;
    static constexpr std::size_t kClientBurst = 50;

  private:
    using Clock = std::chrono::steady_clock;

    struct Allowance {
        double tokens = kClientBurst;
        Clock::time_point refilled = Clock::now();
        std::uint64_t suppressed = 0;
    };

    void write_locked(std::string_view text);

    double burst() const {
        return client_rate_ * (static_cast<double>(kClientBurst) / kClientLinesPerSecond);
    }

    const std::string program_;
    Verbosity verbosity_ = Verbosity::Normal;
    std::mutex mutex_;
    SystemLog system_log_;
    bool stderr_usable_ = true;
    std::uint64_t undelivered_ = 0;  // neither sink took them
    double client_rate_ = kClientLinesPerSecond;
    std::array<Allowance, 3> allowances_;  // by About
    std::atomic<std::uint64_t> left_out_ = 0;
};

}  // namespace prh
