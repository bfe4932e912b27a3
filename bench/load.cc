// SPDX-License-Identifier: MIT
#include "load.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <future>
#include <stdexcept>
#include <system_error>

namespace prh::bench {
namespace {

using Clock = std::chrono::steady_clock;

Clock::duration duration_of(double seconds) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

using Samples = std::vector<std::uint32_t>;  // nanoseconds

/// A request counts if it was sent after the warm-up, and none is sent after the end.
class Schedule {
  public:
    explicit Schedule(double seconds)
        : start_(Clock::now() + duration_of(seconds * kWarmUpShare)), end_(start_ + duration_of(seconds)) {}
    bool counts(Clock::time_point sent) const { return sent >= start_; }
    bool over(Clock::time_point now) const { return now >= end_; }

  private:
    Clock::time_point start_;
    Clock::time_point end_;
};

void add(Samples& samples, Clock::duration latency) {
    samples.push_back(
        static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(latency).count()));
}

/// One request at a time to the end of the schedule; `next` says which connection sends it.
template <class Next>
Samples drive(Next next, int device, const Schedule& schedule) {
    Samples samples;
    Clock::time_point sent = Clock::now();
    while (!schedule.over(sent)) {
        Connection& connection = next();
        connection.send_request(device);
        connection.receive_reply();
        const Clock::time_point received = Clock::now();
        if (schedule.counts(sent)) add(samples, received - sent);
        sent = received;
    }
    return samples;
}

}  // namespace

Latencies::Latencies(std::vector<std::uint32_t> nanoseconds, double seconds)
    : sorted_(std::move(nanoseconds)), seconds_(seconds) {
    if (sorted_.empty()) throw std::runtime_error("no request was answered in the measured time");
    std::sort(sorted_.begin(), sorted_.end());
}

double Latencies::percentile_us(double percent) const {
    const auto index = static_cast<std::size_t>(percent / 100 * static_cast<double>(sorted_.size()));
    return sorted_[std::min(index, sorted_.size() - 1)] / 1000.0;
}

std::vector<Connection> open_connections(const std::string& path, std::size_t count) {
    std::vector<Connection> connections;
    connections.reserve(count);
    while (connections.size() < count) connections.emplace_back(path);
    return connections;
}

Latencies drive_one(std::vector<Connection>& connections, int device, double seconds) {
    constexpr std::size_t kStride =
        7919;  // a prime: every connection has its turn, old ones and new ones mixed
    std::size_t turn = 0;
    const auto next = [&]() -> Connection& { return connections[turn++ * kStride % connections.size()]; };
    return {drive(next, device, Schedule(seconds)), seconds};
}

Latencies drive_all(std::vector<Connection>& connections, int device, double seconds) {
    const Schedule schedule(seconds);
    std::vector<std::future<Samples>> clients;
    for (Connection& connection : connections)
        clients.push_back(std::async(std::launch::async, [&] {
            return drive([&]() -> Connection& { return connection; }, device, schedule);
        }));
    Samples all;
    for (auto& client : clients) {
        const Samples samples = client.get();
        all.insert(all.end(), samples.begin(), samples.end());
    }
    return {std::move(all), seconds};
}

Latencies drive_all_from_one_thread(std::vector<Connection>& connections, int device, double seconds) {
    const int poller = ::epoll_create1(EPOLL_CLOEXEC);
    if (poller < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    for (std::size_t i = 0; i < connections.size(); ++i) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = i;
        if (::epoll_ctl(poller, EPOLL_CTL_ADD, connections[i].fd(), &event) != 0)
            throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
    const Schedule schedule(seconds);
    Samples samples;
    std::vector<Clock::time_point> sent(connections.size());
    for (std::size_t i = 0; i < connections.size(); ++i) {
        sent[i] = Clock::now();
        connections[i].send_request(device);
    }
    std::size_t outstanding = connections.size();
    std::vector<epoll_event> ready(connections.size());
    while (outstanding > 0) {  // the last replies are waited for: a request that is slow is not forgotten
        const int count = ::epoll_wait(poller, ready.data(), static_cast<int>(ready.size()), 60'000);
        if (count == 0) throw std::runtime_error("no reply for 60 seconds");
        for (int k = 0; k < count; ++k) {
            const std::size_t i = ready[static_cast<std::size_t>(k)].data.u64;
            if (!connections[i].receive_some()) continue;
            const Clock::time_point received = Clock::now();
            if (schedule.counts(sent[i])) add(samples, received - sent[i]);
            if (schedule.over(received)) {
                --outstanding;
                continue;
            }
            sent[i] = received;
            connections[i].send_request(device);
        }
    }
    ::close(poller);
    return {std::move(samples), seconds};
}

}  // namespace prh::bench
