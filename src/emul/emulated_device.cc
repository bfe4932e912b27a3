// SPDX-License-Identifier: MIT
#include "emul/emulated_device.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <unistd.h>

#include <string_view>
#include <utility>

#include "base/statx.h"
#include "device/descriptor_kind.h"
#include "emul/initiator_name.h"

namespace prh {
namespace {

constexpr SenseCode kInsufficientResources{SenseKey::IllegalRequest, 0x55, 0x03};

/// The logical unit that a descriptor is; none if it is no regular file, or not opened (O_PATH).
/// AT_STATX_DONT_SYNC: a FUSE server that does not answer is not asked.
std::optional<LogicalUnitIdentity> identity_of(FdRef descriptor) {
    struct statx status {};
    if (!access_of(descriptor).opened() ||
        ::statx(descriptor.get(), "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
                STATX_TYPE | STATX_INO | STATX_BTIME, &status) != 0 ||
        !S_ISREG(status.stx_mode))
        return std::nullopt;
    LogicalUnitIdentity identity{status.stx_dev_major, status.stx_dev_minor, status.stx_ino, 0, 0};
    if (status.stx_mask & STATX_BTIME) {
        identity.birth_seconds = status.stx_btime.tv_sec;
        identity.birth_nanoseconds = status.stx_btime.tv_nsec;
    }
    return identity;
}

/// The name under which the kernel knows the open file. It marks an unlinked one with " (deleted)", which is
/// cut: a host does not become another one when its link goes.
std::optional<std::string> name_of(FdRef descriptor) {
    constexpr std::string_view kDeleted = " (deleted)";
    char buffer[PATH_MAX];
    const std::string link = fmt::format("/proc/self/fd/{}", descriptor.get());
    const ssize_t length = ::readlink(link.c_str(), buffer, sizeof buffer);
    if (length <= 0) return std::nullopt;
    std::string_view name(buffer, static_cast<std::size_t>(length));
    if (name.ends_with(kDeleted)) name.remove_suffix(kDeleted.size());
    return std::string(name);
}

}  // namespace

EmulatedDevice::EmulatedDevice(std::optional<AptplStore> store, ErrorReport report, EmulationLimits limits)
    : store_(std::move(store)), report_(std::move(report)), limits_(limits) {}

CommandResult EmulatedDevice::execute(const ReservationCommand& command) {
    const bool changes = command.cdb.changes_something();
    const DescriptorAccess access = access_of(command.descriptor);
    if (changes && access.opened() && !access.writes)
        return CommandResult::check_condition(sense::kInvalidOpcode);
    if (command.cdb.is_clean_up() && access.opened()) return CommandResult::good();  // one path
    const auto identity = identity_of(command.descriptor);
    const auto name = identity ? name_of(command.descriptor) : std::nullopt;
    if (!name) return CommandResult::check_condition(sense::kIoProcessTerminated);
    if (!changes && !access.reads) return CommandResult::check_condition(sense::kInvalidOpcode);

    const std::shared_ptr<Unit> unit = unit_of(*identity);
    if (!unit) return CommandResult::check_condition(kInsufficientResources);
    const std::lock_guard lock(unit->mutex);
    if (!unit->logical_unit && !power_on(*unit, *identity))
        return CommandResult::check_condition(sense::kInternalTargetFailure);

    const Nexus nexus{initiator_port_of(*name)};
    if (changes) return change(*unit->logical_unit, *identity, nexus, command);
    return unit->logical_unit->execute(nexus, command.cdb, command.parameter_list, command.data_in);
}

DeviceIdentity EmulatedDevice::identify(FdRef descriptor) {
    const auto file = identity_of(descriptor);
    const auto name = file ? name_of(descriptor) : std::nullopt;
    if (!name) return {};
    const std::string number = fmt::format("{}:{}:{}", file->device_major, file->device_minor, file->inode);
    DeviceIdentity identity{number, *name, {}, {}, DeviceKind::Emulated};
    if (access_of(descriptor).writes)
        identity.nexuses = {fmt::format("{} {} {}", number, file->birth_nanoseconds, *name)};
    return identity;
}

std::size_t EmulatedDevice::logical_units() const {
    const std::lock_guard lock(mutex_);
    return units_.size();
}

std::shared_ptr<EmulatedDevice::Unit> EmulatedDevice::unit_of(const LogicalUnitIdentity& identity) {
    const std::lock_guard lock(mutex_);
    const auto found = units_.find(identity);
    if (found != units_.end()) return found->second;
    if (units_.size() >= limits_.logical_units) forget_unregistered();
    if (units_.size() >= limits_.logical_units) return nullptr;
    return units_.emplace(identity, std::make_shared<Unit>()).first->second;
}

void EmulatedDevice::forget_unregistered() {
    std::erase_if(units_, [](const auto& entry) {
        const std::shared_ptr<Unit>& unit = entry.second;
        // Others find a unit only through the map, which is locked: one that nobody has now stays unused,
        // and its mutex is not waited for.
        if (unit.use_count() > 1) return false;
        const std::lock_guard lock(unit->mutex);
        return !unit->logical_unit || unit->logical_unit->registrations().empty();
    });
}

bool EmulatedDevice::power_on(Unit& unit, const LogicalUnitIdentity& identity) {
    Result<AptplState> left = store_ ? store_->load(identity) : AptplState{};
    if (!left) {
        if (unit.last_failure != left.error().message) report_(left.error());
        unit.last_failure = left.error().message;
        return false;
    }
    unit.logical_unit.emplace(LogicalUnitTraits{{1}, limits_.registrations, store_.has_value()},
                              *std::move(left));
    return true;
}

CommandResult EmulatedDevice::change(LogicalUnit& logical_unit, const LogicalUnitIdentity& identity,
                                     const Nexus& nexus, const ReservationCommand& command) {
    LogicalUnit after = logical_unit;
    const CommandResult result = after.execute(nexus, command.cdb, command.parameter_list, command.data_in);
    // SPC-4 5.13.4: GOOD for what APTPL covers means that it is kept already.
    const AptplState kept = after.left_by_power_loss();
    if (store_ && kept != logical_unit.left_by_power_loss()) {
        if (const Status saved = store_->save(identity, kept); !saved) {
            report_(saved.error());
            return CommandResult::check_condition(sense::kInternalTargetFailure);
        }
    }
    logical_unit = std::move(after);
    return result;
}

}  // namespace prh
