// SPDX-License-Identifier: MIT
#include "server/client_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "os/control_group.h"

namespace prh {

std::uint64_t ClientIdentity::source() const {
    constexpr std::uint64_t kInode = std::uint64_t{1} << 63;
    if (inode_ != 0) return inode_ | kInode;
    const auto pid = static_cast<std::uint64_t>(credentials_.pid);
    return pid != 0 ? pid : std::uint64_t{credentials_.uid} << 31;
}

const std::string& ClientIdentity::name() const {
    static const std::string none;
    return pending() ? none : name_;
}

std::string ClientIdentity::title() const {
    const std::string numbers = fmt::format("pid {}, uid {}", credentials_.pid, credentials_.uid);
    return name().empty() ? numbers : fmt::format("{} ({})", name(), numbers);
}

void ClientIdentity::settle(std::string name) {
    name_ = std::move(name);
    pending_.store(false, std::memory_order_release);
}

ClientNames::ClientNames(const PidfdSupport& support, std::string root)
    : support_{support.peers, support.unique_inodes, support.control_groups && has_unified_hierarchy(root)},
      root_(std::move(root)) {}

Status ClientNames::start() {
    const std::lock_guard lock(mutex_);
    if (!support_.peers) return {};  // nothing would ever be found
    if (const int code = ::pthread_create(&thread_, nullptr, &ClientNames::run, this); code != 0)
        return fail_errno("Failed to start a thread", code);
    running_ = true;
    return {};
}

void ClientNames::finish() {
    {
        const std::lock_guard lock(mutex_);
        if (!running_) return;
        ending_ = true;
        changed_.notify_all();
    }
    ::pthread_join(thread_, nullptr);
}

void ClientNames::seek(const std::shared_ptr<ClientIdentity>& client, const PeerProcess& process) {
    Sought sought{client, {}, {}};
    sought.group.id = process.control_group;
    if (process.control_group == 0) {
        if (!process.pidfd || process.credentials.pid <= 0) return;
        sought.group.process = process.credentials.pid;
        sought.pidfd = process.pidfd;
    }
    const std::lock_guard lock(mutex_);
    if (!running_) return;
    if (sought.pidfd && pidfds_ >= kPidfds) return;
    if (sought.pidfd) ++pidfds_;
    client->await_name();
    sought_.push_back(std::move(sought));
    changed_.notify_all();
}

void ClientNames::when_named(const std::shared_ptr<ClientIdentity>& client, std::function<void()> action) {
    {
        const std::lock_guard lock(mutex_);
        const bool nobody_waits = waiting_.empty() && !acting_;
        const bool now = !running_ || (nobody_waits && !client->pending()) || waiting_.size() >= 2 * kWaiting;
        if (!now) {
            waiting_.push_back({client, std::move(action)});
            changed_.notify_all();
            return;
        }
    }
    action();
}

void* ClientNames::run(void* self) {
    static_cast<ClientNames*>(self)->work();
    return nullptr;
}

void ClientNames::run_actions(std::unique_lock<std::mutex>& lock) {
    bool hurries = waiting_.size() >= kWaiting;
    while (!waiting_.empty() && (hurries || !waiting_.front().client->pending())) {
        const Waiting next = std::move(waiting_.front());
        waiting_.pop_front();
        acting_ = true;
        lock.unlock();
        next.action();
        lock.lock();
        hurries = hurries || waiting_.size() >= kWaiting;
    }
    acting_ = false;
}

void ClientNames::work() {
    auto next_search = Clock::now();
    std::unique_lock lock(mutex_);
    for (;;) {
        run_actions(lock);
        if (ending_) {
            for (const Sought& each : std::exchange(sought_, {})) each.client->settle({});
            run_actions(lock);
            running_ = false;
            return;
        }
        if (sought_.empty()) {
            changed_.wait(lock);
        } else if (Clock::now() < next_search) {
            changed_.wait_until(lock, next_search);
        } else {
            next_search = Clock::now() + kBetweenSearches;
            const std::size_t pidfds = pidfds_;
            std::vector<Sought> clients = std::exchange(sought_, {});
            lock.unlock();
            search(std::move(clients));
            lock.lock();
            pidfds_ -= pidfds;
        }
    }
}

void ClientNames::search(std::vector<Sought> clients) {
    std::vector<SoughtGroup> groups;
    for (const Sought& each : clients) groups.push_back(each.group);
    find_control_groups(groups, root_, [this] { return ending_.load(); });
    for (std::size_t i = 0; i < clients.size(); ++i) {
        const Sought& each = clients[i];
        const bool same = !each.pidfd || !has_ended(each.pidfd->ref());
        each.client->settle(groups[i].found && same ? name_of_control_group(groups[i].path) : "");
    }
}

}  // namespace prh
