// SPDX-License-Identifier: MIT
#include "device/sg_device.h"

#include <fmt/format.h>
#include <scsi/sg.h>

#include <optional>

#include "device/disk_identity.h"
#include "device/probes.h"
#include "device/sg_io.h"
#include "scsi/names.h"

namespace prh {
namespace {

/// The answer to a descriptor that the device is not to hear of.
std::optional<CommandResult> refusal(DescriptorKind kind) {
    switch (kind) {
        case DescriptorKind::BlockDevice:
        case DescriptorKind::ScsiGeneric: return std::nullopt;
        case DescriptorKind::Partition:
        case DescriptorKind::PartialMap:
        case DescriptorKind::Multipath: return CommandResult::check_condition(sense::kInvalidOpcode);
        case DescriptorKind::Unknown: return CommandResult::check_condition(sense::kInternalTargetFailure);
        case DescriptorKind::Other: return CommandResult::check_condition(sense::kIoProcessTerminated);
    }
    return std::nullopt;
}

std::string_view reason(DescriptorKind kind) {
    switch (kind) {
        case DescriptorKind::Partition:
            return "it is a partition, and a reservation would take the whole disk";
        case DescriptorKind::PartialMap:
            return "it is a device-mapper node that is not one whole logical unit";
        case DescriptorKind::Multipath:
            return "it is a multipath node, which would reach one path of several";
        case DescriptorKind::Unknown: return "sysfs does not show what it is (is /sys mounted?)";
        case DescriptorKind::Other: return "it is neither a block device nor a SCSI generic one";
        default: return "";
    }
}

}  // namespace

CommandResult SgDevice::execute(const ReservationCommand& command) {
    if (command.cdb.is_persistent_reserve_out() && is_read_only(command.descriptor))
        return CommandResult::check_condition(sense::kInvalidOpcode);
    const auto [kind, number] = classifier_.look_at(command.descriptor);
    if (const auto refused = refuse(command.descriptor, kind)) return *refused;
    if (kind == DescriptorKind::Multipath) return multipath_->execute(command);
    if (command.paths_used != nullptr)
        command.paths_used->push_back(kernel_name(command.descriptor, classifier_));
    if (!trace_.on(TraceEvent::DeviceCommand) && !trace_.on(TraceEvent::DeviceResult))
        return send(command, number);

    const std::string device = device_number(command.descriptor);
    trace_.emit(TraceEvent::DeviceCommand, "device={} {}", device, to_string(command.cdb));
    const auto begun = std::chrono::steady_clock::now();
    const CommandResult result = send(command, number);
    const auto taken = std::chrono::steady_clock::now() - begun;
    trace_.emit(TraceEvent::DeviceResult, "device={} {}, {} bytes, {} us", device, to_string(result),
                result.data_length, std::chrono::duration_cast<std::chrono::microseconds>(taken).count());
    return result;
}

std::optional<CommandResult> SgDevice::refuse(FdRef descriptor, DescriptorKind kind) {
    const bool served = kind == DescriptorKind::Multipath && multipath_ != nullptr;
    auto refused = served ? std::nullopt : refusal(kind);
    std::string why(reason(kind));
    if (!refused && !allowed_.all()) {
        const DeviceIdentity identity = identify_disk(descriptor, classifier_);
        if (allowed_.admit(identity)) return std::nullopt;
        refused = CommandResult::check_condition(sense::kInvalidOpcode);
        why = identity.wwids.empty()
                  ? "it has no WWID that --allow-device could name"
                  : fmt::format("it is not allowed (--allow-device=wwid:{})", identity.wwids.front());
    }
    if (refused)
        report_(fmt::format("Refused a persistent reservation command for device {}: {}",
                            device_number(descriptor), why));
    return refused;
}

DeviceIdentity SgDevice::identify(FdRef descriptor) {
    DeviceIdentity identity = identify_disk(descriptor, classifier_);
    const DescriptorKind kind = classifier_.classify(descriptor);
    const bool served = kind == DescriptorKind::Multipath ? multipath_ != nullptr : !refusal(kind);
    // Who may not register does not register.
    if (!served || is_read_only(descriptor) || !(allowed_.all() || allowed_.admit(identity)))
        identity.nexuses.clear();
    return identity;
}

std::vector<DevicePath> SgDevice::paths(const DeviceIdentity& identity) {
    return paths_of_disk(identity, classifier_.sysfs());
}

std::vector<Dependency> SgDevice::dependencies() {
    return multipath_ != nullptr ? multipath_->dependencies() : std::vector<Dependency>();
}

CommandResult SgDevice::send(const ReservationCommand& command, DeviceNumber number) {
    probe::device_command(&command, number, command.cdb);
    const CommandResult result =
        send_sg_io(command.descriptor, {command.cdb, command.parameter_list, command.data_in}, timeout_)
            .result;
    probe::device_result(&command, number, result);
    return result;
}

CommandResult SgDevice::clean_up(FdRef descriptor) {
    if (is_read_only(descriptor)) return CommandResult::check_condition(sense::kInvalidOpcode);
    const DescriptorKind kind = classifier_.classify(descriptor);
    if (kind == DescriptorKind::Multipath || !allowed_.all())
        if (const auto refused = refuse(descriptor, kind)) return *refused;
    if (kind == DescriptorKind::Multipath) return multipath_->clean_up(descriptor);
    return CommandResult::good();  // one path: REGISTER by the guest is all the state there is
}

std::vector<unsigned long> SgDevice::requests() {
    std::vector<unsigned long> requests = DescriptorClassifier::requests();
    requests.push_back(SG_IO);
    return requests;
}

}  // namespace prh
