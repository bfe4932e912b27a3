// SPDX-License-Identifier: MIT
#include "monitor/disk_inquiries.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

#include "client/disk_question.h"

namespace prh::ctl {
namespace {

/// Of 256 disks that hang at once, this many cost a thread here.
constexpr std::size_t kMaximumThreads = 16;
/// A disk that takes longer is left in peace: PERSISTENT RESERVE IN takes milliseconds.
constexpr std::uint64_t kOwesForLongUs = 2'000'000;
/// What other hosts do is not told by anybody: the disk is asked again.
constexpr std::chrono::seconds kRefresh{5};

bool owes_for_long(const HelperState& state, std::uint64_t device) {
    return std::any_of(state.connections.begin(), state.connections.end(), [&](const ConnectionState& c) {
        return c.state == "executing" && c.device == device && c.age_us.value_or(0) > kOwesForLongUs;
    });
}

}  // namespace

struct DiskInquiries::Shared {
    struct Disk {
        DiskView view;
        bool asking = false;
        std::optional<std::chrono::steady_clock::time_point> asked;
    };

    std::string socket;
    std::chrono::seconds timeout;
    std::mutex mutex;
    std::condition_variable answered;
    std::map<std::uint64_t, Disk> disks;  // by id
    std::size_t threads = 0;

    void ask(std::uint64_t id, const std::string& node, const std::string& number) {
        const Expected<DiskAnswer> answer = ask_disk(socket, node, number, timeout);
        const std::lock_guard lock(mutex);
        Disk& disk = disks[id];
        disk.asking = false;
        disk.view.problem = answer ? "" : answer.error().message;
        if (answer) disk.view.answer = *answer;
        --threads;
        answered.notify_all();
    }
};

DiskInquiries::DiskInquiries(std::string socket, std::chrono::seconds timeout)
    : shared_(std::make_shared<Shared>()) {
    shared_->socket = std::move(socket);
    shared_->timeout = timeout;
}

/// The mutex is held.
void DiskInquiries::ask_one(const DeviceState& device, const HelperState& state, bool touched) {
    Shared::Disk& disk = shared_->disks[device.id];
    const auto now = std::chrono::steady_clock::now();
    if (disk.asking) {
        disk.view.problem = "it has not answered yet";
        return;
    }
    if (owes_for_long(state, device.id)) {
        disk.view.problem = "it is not asked: it owes an answer for long";
        return;
    }
    const bool due = !disk.asked || touched || now - *disk.asked >= kRefresh;
    if (!due || shared_->threads >= kMaximumThreads) return;
    const Expected<std::string> node = node_of(device);
    if (!node) {
        disk.view.problem = node.error().message;
        return;
    }
    try {
        std::thread([shared = shared_, id = device.id, node = *node, number = device.number] {
            shared->ask(id, node, number);
        }).detach();
    } catch (const std::system_error&) {
        disk.view.problem = "there is no thread to ask it";
        return;
    }
    disk.asking = true;
    disk.asked = now;
    ++shared_->threads;
}

DiskViews DiskInquiries::ask(const HelperState& state, const std::set<std::string>& touched) {
    const std::lock_guard lock(shared_->mutex);
    DiskViews views;
    for (const DeviceState& device : state.devices) {
        ask_one(device, state, touched.contains(device.name));
        views[device.id] = shared_->disks[device.id].view;
    }
    std::erase_if(shared_->disks,
                  [&](const auto& entry) { return !entry.second.asking && !views.contains(entry.first); });
    return views;
}

DiskViews DiskInquiries::ask_and_wait(const HelperState& state, std::chrono::milliseconds patience) {
    ask(state);
    std::unique_lock lock(shared_->mutex);
    shared_->answered.wait_for(lock, patience, [this] { return shared_->threads == 0; });
    DiskViews views;
    for (const DeviceState& device : state.devices) {
        Shared::Disk& disk = shared_->disks[device.id];
        if (disk.asking) disk.view.problem = "it has not answered yet";
        views[device.id] = disk.view;
    }
    return views;
}

}  // namespace prh::ctl
