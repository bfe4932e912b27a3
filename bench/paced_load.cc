// SPDX-License-Identifier: MIT
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>

#include <cerrno>
#include <chrono>
#include <functional>
#include <queue>
#include <random>
#include <stdexcept>
#include <system_error>

#include "base/unique_fd.h"
#include "load.h"

namespace prh::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr double kPatience = 10;  // seconds after the end for the last replies; a server that cannot keep up

/// All connections and when each is to send next, in seconds since the start.
class Pacer {
  public:
    Pacer(std::vector<Connection>& connections, int device, double requests_per_second)
        : connections_(connections),
          device_(device),
          interval_(requests_per_second / static_cast<double>(connections.size())),
          due_(connections.size()),
          ready_(connections.size()),
          poller_(::epoll_create1(EPOLL_CLOEXEC)) {
        for (std::size_t i = 0; i < connections.size(); ++i) {
            epoll_event event{};
            event.events = EPOLLIN;
            event.data.u64 = i;
            if (::epoll_ctl(poller_.get(), EPOLL_CTL_ADD, connections[i].fd(), &event) != 0)
                throw std::system_error(errno, std::generic_category(), "epoll_ctl");
            schedule(i, 0);
        }
    }

    std::vector<std::uint32_t> run(double seconds) {
        const double first = seconds * kWarmUpShare;
        const double last = first + seconds;
        std::vector<std::uint32_t> nanoseconds;
        while (now() < last || outstanding_ > 0) {
            if (now() > last + kPatience) throw std::runtime_error("requests are left without a reply");
            send_what_is_due(last);
            for (const std::size_t i : wait()) {
                if (!connections_[i].receive_some()) continue;
                const double received = now();
                --outstanding_;
                if (due_[i] >= first)
                    nanoseconds.push_back(static_cast<std::uint32_t>((received - due_[i]) * 1e9));
                schedule(i, due_[i]);
            }
        }
        return nanoseconds;
    }

  private:
    using Due = std::pair<double, std::size_t>;

    double now() const { return Seconds(Clock::now() - start_).count(); }

    /// At random, a Poisson process for each connection: at regular times all would fall into step.
    void schedule(std::size_t connection, double after) {
        due_[connection] = after + interval_(random_);
        queue_.push({due_[connection], connection});
    }

    void send_what_is_due(double last) {
        while (!queue_.empty() && queue_.top().first <= now()) {
            const auto [due, connection] = queue_.top();
            queue_.pop();
            if (due > last) continue;
            connections_[connection].send_request(device_);
            ++outstanding_;
        }
    }

    /// The connections with a reply; none when the next request is due.
    std::vector<std::size_t> wait() {
        const double pause = queue_.empty() ? 0.01 : std::clamp(queue_.top().first - now(), 0.0, 0.01);
        timespec timeout{0, static_cast<long>(pause * 1e9)};
        const int count =
            ::epoll_pwait2(poller_.get(), ready_.data(), static_cast<int>(ready_.size()), &timeout, nullptr);
        std::vector<std::size_t> found;
        for (int k = 0; k < count; ++k) found.push_back(ready_[static_cast<std::size_t>(k)].data.u64);
        return found;
    }

    std::vector<Connection>& connections_;
    const int device_;
    std::mt19937_64 random_{1};  // the same for all contenders
    std::exponential_distribution<double> interval_;
    std::vector<double> due_;
    std::priority_queue<Due, std::vector<Due>, std::greater<>> queue_;
    std::size_t outstanding_ = 0;
    std::vector<epoll_event> ready_;
    UniqueFd poller_;
    const Clock::time_point start_ = Clock::now();
};

}  // namespace

Latencies drive_paced(std::vector<Connection>& connections, int device, double requests_per_second,
                      double seconds) {
    ::prctl(PR_SET_TIMERSLACK, 1UL);  // 50 us otherwise, more than the latencies that are measured
    return {Pacer(connections, device, requests_per_second).run(seconds), seconds};
}

}  // namespace prh::bench
