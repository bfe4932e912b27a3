// SPDX-License-Identifier: MIT
// One connection to the control socket: it sends a line, and is answered (doc/control.md). Nothing here
// blocks; it is the control thread's alone.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/unique_fd.h"
#include "server/audit_stream.h"

namespace prh {

class ControlClient {
  public:
    using Clock = std::chrono::steady_clock;

    /// For the line, and then for each part of the answer to be taken.
    static constexpr std::chrono::seconds kPatience{10};
    static constexpr std::size_t kLongestLine = 64;

    ControlClient(UniqueFd socket, AuditStream& stream)
        : socket_(std::move(socket)), stream_(stream), since_(Clock::now()) {}

    FdRef socket() const { return socket_.ref(); }
    /// For which it is to be polled.
    short events() const;
    /// Has something to end it if nothing happens. Who follows may rest as long as it likes: it misses what
    /// it does not take.
    bool timed() const { return stage_ != Stage::Following; }
    bool overdue(Clock::time_point now) const { return timed() && now - since_ > kPatience; }

    /// Takes what has come and sends what fits. `state`: makes the answer to "state". False: it is over.
    bool go_on(short arrived, const std::function<std::string()>& state);

  private:
    enum class Stage { Asking, Answering, Following };

    bool read(const std::function<std::string()>& state);
    void answer(std::string_view line, const std::function<std::string()>& state);
    bool flush();

    UniqueFd socket_;
    AuditStream& stream_;
    Stage stage_ = Stage::Asking;
    Clock::time_point since_;
    std::string line_;
    std::string unsent_;
    std::shared_ptr<AuditStream::Follower> follower_;
};

}  // namespace prh
