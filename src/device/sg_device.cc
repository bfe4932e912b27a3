// SPDX-License-Identifier: MIT
#include "device/sg_device.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "device/sg_result.h"
#include "scsi/names.h"

namespace prh {
namespace {

bool opened_read_only(FdRef descriptor) {
    const int flags = ::fcntl(descriptor.get(), F_GETFL);
    return flags < 0 || (flags & O_PATH) != 0 || (flags & O_ACCMODE) == O_RDONLY;
}

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
    if (command.cdb.is_persistent_reserve_out() && opened_read_only(command.descriptor))
        return CommandResult::check_condition(sense::kInvalidOpcode);
    const DescriptorKind kind = classifier_.classify(command.descriptor);
    if (const auto refused = refusal(kind)) {
        report_(fmt::format("Refused a persistent reservation command for device {}: {}",
                            device_number(command.descriptor), reason(kind)));
        return *refused;
    }
    if (!trace_.on(TraceEvent::DeviceCommand) && !trace_.on(TraceEvent::DeviceResult)) return send(command);

    const std::string device = device_number(command.descriptor);
    trace_.emit(TraceEvent::DeviceCommand, "device={} {}", device, to_string(command.cdb));
    const auto begun = std::chrono::steady_clock::now();
    const CommandResult result = send(command);
    const auto taken = std::chrono::steady_clock::now() - begun;
    trace_.emit(TraceEvent::DeviceResult, "device={} {}, {} bytes, {} us", device, to_string(result),
                result.data_length, std::chrono::duration_cast<std::chrono::microseconds>(taken).count());
    return result;
}

CommandResult SgDevice::send(const ReservationCommand& command) {
    std::array<std::uint8_t, Cdb::kSize> cdb = command.cdb.bytes();
    std::array<std::uint8_t, SenseData::kCapacity> sense{};
    sg_io_hdr header{};
    header.interface_id = 'S';
    header.cmdp = cdb.data();
    header.cmd_len = Cdb::kCommandLength;
    header.sbp = sense.data();
    header.mx_sb_len = static_cast<unsigned char>(sense.size());
    header.timeout = static_cast<unsigned>(timeout_.count());
    const bool in = command.cdb.is_persistent_reserve_in();
    const std::size_t length = in ? command.data_in.size() : command.parameter_list.size();
    header.dxfer_len = static_cast<unsigned>(length);
    header.dxfer_direction = length == 0 ? SG_DXFER_NONE : in ? SG_DXFER_FROM_DEV : SG_DXFER_TO_DEV;
    // The kernel only reads the list of SG_DXFER_TO_DEV; its header has one pointer for both directions.
    header.dxferp = in ? command.data_in.data() : const_cast<std::uint8_t*>(command.parameter_list.data());

    if (::ioctl(command.descriptor.get(), SG_IO, &header) != 0) return result_of_errno(errno);
    const std::size_t sense_length = std::min<std::size_t>(header.sb_len_wr, sense.size());
    return result_of({header.status, header.host_status, header.driver_status, header.resid,
                      ConstBytes(sense).first(sense_length)},
                     in ? static_cast<std::uint32_t>(length) : 0);
}

CommandResult SgDevice::clean_up(FdRef descriptor) {
    if (opened_read_only(descriptor)) return CommandResult::check_condition(sense::kInvalidOpcode);
    const DescriptorKind kind = classifier_.classify(descriptor);
    if (kind == DescriptorKind::Multipath) return *refusal(kind);
    return CommandResult::good();  // one path: REGISTER by the guest is all the state there is
}

}  // namespace prh
