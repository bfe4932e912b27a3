// SPDX-License-Identifier: MIT
// The way to multipathd: a few connections, so that maps do not wait for each other's answers. They are made
// when they are needed, and made anew when they broke. Nobody waits here for longer than a moment, whatever
// multipathd does, and nobody waits under a lock.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/unique_fd.h"
#include "device/dependency.h"

namespace prh {

class MultipathdSocket {
  public:
    struct Settings {
        std::string
            address{};  ///< a path, or "@NAME" for an abstract socket; empty: where multipathd listens
        /// For a connection; then as long again for sending and receiving together.
        std::chrono::milliseconds patience{1'000};
        /// For which it is not asked again after it did not answer, so that one that hangs costs once.
        std::chrono::milliseconds rest{10'000};
        /// The same as `patience` where no request waits: a multipathd with many paths takes its time.
        std::chrono::milliseconds patience_later{10'000};
    };

    enum class Failure { Absent, Silent, Broken };
    struct Trouble {
        Failure failure;
        std::string text;  ///< what a person needs to know
    };

    explicit MultipathdSocket(Settings settings);

    /// All connections at once, with the rights that the process has now: multipathd goes by who opened a
    /// connection, however long ago (SO_PEERCRED). From then on these are used alone, and one whose answer is
    /// late is kept.
    void connect();

    /// The text of its reply.
    tl::expected<std::string, Trouble> ask(std::string_view command);
    /// The same, for one thread that is on no request's way: waits longer, and also asks in a time of rest.
    tl::expected<std::string, Trouble> ask_patiently(std::string_view command);
    /// Whoever asks now or later is answered at once that there is no answer.
    void stop();

    const Settings& settings() const { return settings_; }

    /// Whether it can be asked, without asking it anything and without waiting: connects where that is all
    /// that is missing.
    Dependency look();

    /// What this multipathd was found not to have; unknown again when the connection is made anew, because
    /// then it may be another version.
    std::atomic<bool> has_path_lists = true;
    std::atomic<bool> has_holding = true;

    static constexpr std::size_t kConnections = 8;  ///< a map more waits for one of them

  private:
    using Clock = std::chrono::steady_clock;
    using Duration = std::chrono::milliseconds;
    using Status = tl::expected<void, Trouble>;

    struct Connection {
        UniqueFd descriptor;
        std::string received{};  ///< of the reply that is on its way
        unsigned late = 0;       ///< replies that nobody waits for any more, and that come first
        bool is_new = false;
    };
    struct Wait {
        Duration patience;
        Clock::time_point deadline;
    };

    tl::expected<std::string, Trouble> ask(std::string_view command, Duration patience, bool respects_rest);
    tl::expected<Connection, Trouble> take(const Wait& wait, bool respects_rest);
    void give_back(Connection connection, const tl::expected<std::string, Trouble>& reply);
    void add_idle(Connection connection);
    std::size_t limit() const;

    tl::expected<UniqueFd, Trouble> open(const Wait& wait) const;
    tl::expected<UniqueFd, Trouble> open(std::string_view address, const Wait& wait) const;
    Status send(Connection& connection, std::string_view command, const Wait& wait) const;
    tl::expected<std::string, Trouble> receive(Connection& connection, const Wait& wait) const;
    tl::expected<std::string, Trouble> exchange(Connection& connection, std::string_view command,
                                                const Wait& wait) const;
    Status wait_for(FdRef connection, short events, const Wait& wait) const;
    tl::unexpected<Trouble> silent(std::chrono::milliseconds patience) const;

    const Settings settings_;
    const UniqueFd stop_;  // an eventfd
    std::mutex mutex_;     // of what follows; never held while anything is waited for
    std::condition_variable freed_;
    std::vector<Connection> idle_;  // the one that was used last is last
    std::size_t in_use_ = 0;
    bool made_beforehand_ = false;
    bool stopped_ = false;
    Clock::time_point rests_until_{};
};

}  // namespace prh
