// SPDX-License-Identifier: MIT
// Regular files as logical units: what prhelper-emulator executes reservations on.
//
// A file is a logical unit (device number, inode and birth time tell which), and each of its names is one
// initiator port (emul/initiator_name.h) that speaks through the one target port, 1. So two hard links are
// two hosts that share a disk. The name is the one that /proc shows for the descriptor: it follows a rename,
// and is kept when the file is unlinked. The file itself is never read, written, locked or kept open.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "device/reservation_device.h"
#include "emul/aptpl_store.h"
#include "emul/logical_unit.h"
#include "emul/logical_unit_identity.h"

namespace prh {

struct EmulationLimits {
    std::size_t registrations = LogicalUnitTraits::kDefaultMaximumRegistrations;
    /// Logical units in memory: files come and go, and nobody says when. When there are more, those without
    /// registrations are forgotten; beyond that a further one is refused with 05/55/03.
    std::size_t logical_units = 4096;
};

class EmulatedDevice final : public ReservationDevice {
  public:
    /// Told when a state cannot be loaded or saved; called by the thread that executes, with that logical
    /// unit locked. A logical unit whose state cannot be loaded says so once for each new reason.
    using ErrorReport = std::function<void(const Error&)>;

    /// Without a store, nothing persists through power loss (PTPL_C is zero) and APTPL is refused.
    EmulatedDevice(std::optional<AptplStore> store, ErrorReport report, EmulationLimits limits = {});

    CommandResult execute(const ReservationCommand& command) override;
    DeviceIdentity identify(FdRef descriptor) override;

    std::size_t logical_units() const;  ///< in memory

  private:
    struct Unit {
        std::mutex mutex;
        std::optional<LogicalUnit> logical_unit;  ///< none before its state is loaded
        std::string last_failure;
    };

    std::shared_ptr<Unit> unit_of(const LogicalUnitIdentity& identity);
    bool power_on(Unit& unit, const LogicalUnitIdentity& identity);
    CommandResult change(LogicalUnit& logical_unit, const LogicalUnitIdentity& identity, const Nexus& nexus,
                         const ReservationCommand& command);
    void forget_unregistered();

    const std::optional<AptplStore> store_;
    const ErrorReport report_;
    const EmulationLimits limits_;
    mutable std::mutex mutex_;  ///< of units_; never held while a unit's is waited for
    std::map<LogicalUnitIdentity, std::shared_ptr<Unit>> units_;
};

}  // namespace prh
