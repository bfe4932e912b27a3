// SPDX-License-Identifier: MIT
#include "device/sg_device.h"

#include <fmt/format.h>
#include <scsi/sg.h>

#include <optional>

#include "device/disk_identity.h"
#include "device/disk_node.h"
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
        case DescriptorKind::Unopened:
        case DescriptorKind::Other: return CommandResult::check_condition(sense::kIoProcessTerminated);
    }
    return std::nullopt;
}

/// REGISTER by the guest is all the state there is: nothing is to be cleaned up.
bool is_one_path(DescriptorKind kind) {
    return kind != DescriptorKind::Multipath && kind != DescriptorKind::Unopened;
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
        case DescriptorKind::Unopened:
            return "the client has not opened it (O_PATH), so it has proved no access";
        case DescriptorKind::Other: return "it is neither a block device nor a SCSI generic one";
        default: return "";
    }
}

}  // namespace

CommandResult SgDevice::execute(const ReservationCommand& command) {
    const auto [kind, number, access] = classifier_.look_at(command.descriptor);
    const bool changes = command.cdb.changes_something();
    if (changes && access.opened() && !access.writes)
        return CommandResult::check_condition(sense::kInvalidOpcode);
    if (command.cdb.is_clean_up() && settings_.allowed.all() && is_one_path(kind))
        return CommandResult::good();
    if (const auto refused = refuse(command.descriptor, kind)) return *refused;
    if (!changes && !access.reads) return CommandResult::check_condition(sense::kInvalidOpcode);
    if (kind == DescriptorKind::Multipath) return settings_.multipath->execute(command);
    if (command.cdb.is_clean_up()) return CommandResult::good();
    return send(command, kind, number);
}

/// The sg driver copies a parameter list into the open file's reserve buffer, which the client may have
/// mapped (sg_start_req() and sg_mmap() in drivers/scsi/sg.c): it could change the list after it was audited.
/// So the list goes down the block node of the same SCSI device, where that can be opened.
CommandResult SgDevice::send(const ReservationCommand& command, DescriptorKind kind, DeviceNumber number) {
    UniqueFd block_node;
    if (kind == DescriptorKind::ScsiGeneric && !command.parameter_list.empty())
        block_node = open_block_node_of(number, settings_.sysfs, settings_.dev);
    ReservationCommand sent = command;
    if (block_node.valid()) {
        sent.descriptor = block_node.ref();
        number = classifier_.look_at(sent.descriptor).number;
    }
    if (sent.paths_used != nullptr) sent.paths_used->push_back(kernel_name(sent.descriptor, classifier_));
    if (!trace_.on(TraceEvent::DeviceCommand) && !trace_.on(TraceEvent::DeviceResult))
        return send_down(sent, number);

    const std::string device = device_number(sent.descriptor);
    trace_.emit(TraceEvent::DeviceCommand, "device={} {}", device, to_string(sent.cdb));
    const auto begun = std::chrono::steady_clock::now();
    const CommandResult result = send_down(sent, number);
    const auto taken = std::chrono::steady_clock::now() - begun;
    trace_.emit(TraceEvent::DeviceResult, "device={} {}, {} bytes, {} us", device, to_string(result),
                result.data_length, std::chrono::duration_cast<std::chrono::microseconds>(taken).count());
    return result;
}

std::optional<CommandResult> SgDevice::refuse(FdRef descriptor, DescriptorKind kind) {
    const bool served = kind == DescriptorKind::Multipath && settings_.multipath != nullptr;
    auto refused = served ? std::nullopt : refusal(kind);
    std::string why(reason(kind));
    if (!refused && !settings_.allowed.all()) {
        const DeviceIdentity identity = identify_disk(descriptor, classifier_);
        if (is_allowed(identity)) return std::nullopt;
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

bool SgDevice::is_allowed(const DeviceIdentity& identity) const {
    return settings_.allowed.all() || settings_.allowed.admit(identity);
}

void SgDevice::start() {
    if (settings_.multipath != nullptr) settings_.multipath->start();
}

void SgDevice::client_left(const std::vector<std::string>& maps) {
    if (settings_.multipath != nullptr) settings_.multipath->client_left(maps);
}

DeviceIdentity SgDevice::identify(FdRef descriptor) {
    DeviceIdentity identity = identify_disk(descriptor, classifier_);
    const auto [kind, number, access] = classifier_.look_at(descriptor);
    const bool served = kind == DescriptorKind::Multipath ? settings_.multipath != nullptr : !refusal(kind);
    // Who may not register does not register.
    if (!served || !access.writes || !is_allowed(identity)) identity.nexuses.clear();
    return identity;
}

std::vector<DevicePath> SgDevice::paths(const DeviceIdentity& identity) {
    return paths_of_disk(identity, classifier_.sysfs());
}

std::vector<Dependency> SgDevice::dependencies() {
    return settings_.multipath != nullptr ? settings_.multipath->dependencies() : std::vector<Dependency>();
}

CommandResult SgDevice::send_down(const ReservationCommand& command, DeviceNumber number) {
    probe::device_command(&command, number, command.cdb);
    const CommandResult result =
        send_sg_io(command.descriptor, {command.cdb, command.parameter_list, command.data_in},
                   settings_.timeout)
            .result;
    probe::device_result(&command, number, result);
    return result;
}

std::vector<unsigned long> SgDevice::requests() {
    std::vector<unsigned long> requests = DescriptorClassifier::requests();
    requests.push_back(SG_IO);
    return requests;
}

}  // namespace prh
