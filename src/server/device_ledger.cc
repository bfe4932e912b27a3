// SPDX-License-Identifier: MIT
#include "server/device_ledger.h"

#include <algorithm>

#include "device/descriptor_kind.h"
#include "scsi/names.h"

namespace prh {
namespace {

std::string in_words(const CommandResult& result) {
    const auto code = result.sense.code();
    return code ? to_string(*code) : std::string(name(result.status));
}

/// A name and a number can become another disk's; the names on the disk tell.
bool same_device(const DeviceIdentity& one, const DeviceIdentity& other) {
    return one.number == other.number && one.name == other.name && one.wwids == other.wwids;
}

}  // namespace

std::uint32_t DeviceLedger::enter(FdRef descriptor) {
    const auto key = device_key(descriptor);
    const bool writes = access_of(descriptor).writes;
    const auto now = Clock::now();
    if (key) {
        const std::lock_guard lock(mutex_);
        const auto known = known_.find(*key);
        const bool fresh = known != known_.end() && now - known->second.since < kTrusted;
        // Who only reads is told no nexuses: they must not be missing for who comes after and registers.
        if (fresh && (known->second.writable || !writes)) return known->second.id;
    }
    const DeviceIdentity identity = device_.identify(descriptor);
    if (identity.name.empty() || identity.kind == DeviceKind::Other) return 0;
    const std::lock_guard lock(mutex_);
    const std::uint32_t id = enter(identity);
    if (key) {
        if (known_.size() >= kRemembered) known_.clear();
        known_[*key] = {id, now, writes};
    }
    return id;
}

std::uint32_t DeviceLedger::enter(const DeviceIdentity& identity) {
    for (auto& [id, entry] : entries_) {
        if (!same_device(entry->identity, identity)) continue;
        // Down a descriptor that was opened read-only nobody registers.
        if (!identity.nexuses.empty()) entry->identity.nexuses = identity.nexuses;
        return id;
    }
    if (entries_.size() >= kRemembered) forget_one();
    auto entry = std::make_unique<Entry>();
    entry->identity = identity;
    entry->used = ++uses_;
    entries_.emplace(++last_id_, std::move(entry));
    return last_id_;
}

void DeviceLedger::forget_one() {
    const auto oldest = std::min_element(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
        return a.second->used < b.second->used;
    });
    std::erase_if(known_, [&](const auto& known) { return known.second.id == oldest->first; });
    entries_.erase(oldest);
}

void DeviceLedger::record(std::uint32_t id, const std::shared_ptr<const ClientIdentity>& client,
                          const Cdb& cdb, const CommandResult& result, std::chrono::microseconds queued,
                          std::chrono::microseconds on_device) {
    queued_.add(queued);
    on_device_.add(on_device);
    if (id == 0) return;
    LastCommand last{std::chrono::system_clock::now(), client, std::string(name_of_action(cdb)), result,
                     on_device};
    std::string words = in_words(result);
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end()) return;  // forgotten meanwhile
    Entry& entry = *found->second;
    entry.used = ++uses_;
    entry.last = std::move(last);
    if (entry.results.size() >= kResults && !entry.results.contains(words)) words = "other";
    ++entry.results[words];
    entry.on_device.add(on_device);
}

std::vector<DeviceLedger::Device> DeviceLedger::devices() const {
    const std::lock_guard lock(mutex_);
    std::vector<Device> devices;
    for (const auto& [id, entry] : entries_)
        devices.push_back({id, entry->identity, entry->results, entry->last, entry->on_device.figures()});
    return devices;
}

}  // namespace prh
