// SPDX-License-Identifier: MIT
// The devices that requests were sent to, and what came of those: kept where somebody may ask for it
// (--control).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "device/reservation_device.h"
#include "observe/histogram.h"
#include "scsi/cdb.h"
#include "server/client_names.h"

namespace prh {

/// The last command that a device has answered.
struct LastCommand {
    std::chrono::system_clock::time_point time;
    std::shared_ptr<const ClientIdentity> client;
    std::string action;  ///< "PREEMPT"
    CommandResult result;
    std::chrono::microseconds on_device{0};
};

class DeviceLedger {
  public:
    static constexpr std::size_t kRemembered = 256;  ///< devices; beyond that the one longest unused goes

    explicit DeviceLedger(ReservationDevice& device) : device_(device) {}

    /// Which device it is: 0 for what is none. sysfs is asked once in ten seconds for each.
    std::uint32_t enter(FdRef descriptor);
    void record(std::uint32_t id, const std::shared_ptr<const ClientIdentity>& client, const Cdb& cdb,
                const CommandResult& result, std::chrono::microseconds queued,
                std::chrono::microseconds on_device);

    struct Device {
        std::uint32_t id = 0;
        DeviceIdentity identity;
        std::map<std::string, std::uint64_t> results;  ///< "GOOD", or CHECK CONDITION's sense data in words
        LastCommand last;                              ///< time zero: none was answered yet
        Histogram::Figures on_device;
    };
    std::vector<Device> devices() const;
    Histogram::Figures queued() const { return queued_.figures(); }
    Histogram::Figures on_device() const { return on_device_.figures(); }

  private:
    using Clock = std::chrono::steady_clock;
    struct Entry {
        DeviceIdentity identity;
        std::uint64_t used = 0;  // the largest is the one used last
        std::map<std::string, std::uint64_t> results;
        LastCommand last;
        Histogram on_device;
    };
    struct Known {
        std::uint32_t id = 0;
        Clock::time_point since;
        bool writable = false;  // it was told of a descriptor down which somebody can register
    };

    std::uint32_t enter(const DeviceIdentity& identity);
    void forget_one();

    static constexpr std::chrono::seconds kTrusted{10};  // a number can become another disk's
    static constexpr std::size_t kResults = 64;          // kinds of answer of one device; others are "other"

    ReservationDevice& device_;
    Histogram queued_;
    Histogram on_device_;
    mutable std::mutex mutex_;
    std::map<std::uint32_t, std::unique_ptr<Entry>> entries_;
    std::unordered_map<std::uint64_t, Known> known_;  // by device_key()
    std::uint32_t last_id_ = 0;
    std::uint64_t uses_ = 0;
};

}  // namespace prh
