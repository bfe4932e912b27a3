// SPDX-License-Identifier: MIT
// The records of the audit as they are made, for those who follow them through the control socket. Nobody
// waits for a follower: what it does not take is counted, and the count stands in the place of what is
// missing.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace prh {

class AuditStream {
  public:
    static constexpr std::size_t kBuffered = 256 * 1024;  ///< bytes that wait for one follower

    class Follower {
      public:
        /// What has come since, lines with their newlines.
        std::string take();

      private:
        friend class AuditStream;
        explicit Follower(bool reads) : reads_(reads) {}
        void add(std::string_view line);

        const bool reads_;  // PERSISTENT RESERVE IN too
        std::mutex mutex_;
        std::string lines_;
        std::uint64_t missing_ = 0;  // behind `lines_`
    };

    /// `arrived`: called after a record was handed out, by the thread that made it.
    explicit AuditStream(std::function<void()> arrived) : arrived_(std::move(arrived)) {}

    /// It follows until its last owner lets it go.
    std::shared_ptr<Follower> follow(bool reads);
    /// Anybody follows PERSISTENT RESERVE OUT, or with `read` IN. What is asked for each request.
    bool wanted(bool read) const { return (read ? read_followers_ : followers_) > 0; }
    /// A record, without a newline.
    void publish(std::string_view line, bool read);

  private:
    std::vector<std::shared_ptr<Follower>> all();

    const std::function<void()> arrived_;
    std::atomic<std::size_t> followers_ = 0;
    std::atomic<std::size_t> read_followers_ = 0;
    std::mutex mutex_;
    std::vector<std::weak_ptr<Follower>> all_;
};

}  // namespace prh
