// SPDX-License-Identifier: MIT
// The way to multipathd: one connection for all maps, made when it is needed, made anew once when it broke.
// Nobody waits here for longer than a moment, whatever multipathd does.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/unique_fd.h"
#include "device/dependency.h"

namespace prh {

class MultipathdSocket {
  public:
    struct Settings {
        std::string
            address{};  ///< a path, or "@NAME" for an abstract socket; empty: where multipathd listens
        /// For connecting, sending and receiving together.
        std::chrono::milliseconds patience{1'000};
        /// For which it is not asked again after it did not answer, so that one that hangs costs once.
        std::chrono::milliseconds rest{10'000};
    };

    enum class Failure { Absent, Silent, Broken };
    struct Trouble {
        Failure failure;
        std::string text;  ///< what a person needs to know
    };

    explicit MultipathdSocket(Settings settings) : settings_(std::move(settings)) {}

    /// Now, with the rights that the process has now: multipathd goes by who opened the connection, however
    /// long ago (SO_PEERCRED).
    void connect();

    /// The text of its reply. One at a time; others wait.
    tl::expected<std::string, Trouble> ask(std::string_view command);

    /// Whether it can be asked, without asking it anything and without waiting: connects where that is all
    /// that is missing.
    Dependency look();

    /// What this multipathd was found not to have; unknown again when the connection is made anew, because
    /// then it may be another version.
    std::atomic<bool> has_path_lists = true;
    std::atomic<bool> has_holding = true;

  private:
    using Clock = std::chrono::steady_clock;
    using Status = tl::expected<void, Trouble>;

    Status open(Clock::time_point deadline);
    Status open(std::string_view address, Clock::time_point deadline);
    Status send(std::string_view command, Clock::time_point deadline);
    Status receive(void* bytes, std::size_t count, Clock::time_point deadline);
    tl::expected<std::string, Trouble> exchange(std::string_view command, Clock::time_point deadline);
    Status wait_for(short events, Clock::time_point deadline);
    tl::unexpected<Trouble> silent() const;

    const Settings settings_;
    std::mutex mutex_;
    UniqueFd connection_;
    Clock::time_point rests_until_{};
};

}  // namespace prh
