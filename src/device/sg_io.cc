// SPDX-License-Identifier: MIT
#include "device/sg_io.h"

#include <scsi/sg.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace prh {
namespace {

/// SPC-4 4.2.5.1: the three high bits of the operation code are the group, which tells the length.
unsigned char length_of(const Cdb& cdb) {
    constexpr unsigned char kGroup0 = 6;
    return (cdb.opcode() >> 5) == 0 ? kGroup0 : static_cast<unsigned char>(Cdb::kCommandLength);
}

}  // namespace

SgOutcome send_sg_io(FdRef device, const SgCommand& command, std::chrono::milliseconds timeout) {
    std::array<std::uint8_t, Cdb::kSize> cdb = command.cdb.bytes();
    std::array<std::uint8_t, SenseData::kCapacity> sense{};
    sg_io_hdr header{};
    header.interface_id = 'S';
    header.cmdp = cdb.data();
    header.cmd_len = length_of(command.cdb);
    header.sbp = sense.data();
    header.mx_sb_len = static_cast<unsigned char>(sense.size());
    header.timeout = static_cast<unsigned>(timeout.count());
    const bool in = command.cdb.is_persistent_reserve_in();
    const std::size_t length = in ? command.data_in.size() : command.parameter_list.size();
    header.dxfer_len = static_cast<unsigned>(length);
    header.dxfer_direction = length == 0 ? SG_DXFER_NONE : in ? SG_DXFER_FROM_DEV : SG_DXFER_TO_DEV;
    // The kernel only reads the list of SG_DXFER_TO_DEV; its header has one pointer for both directions.
    header.dxferp = in ? command.data_in.data() : const_cast<std::uint8_t*>(command.parameter_list.data());

    if (::ioctl(device.get(), SG_IO, &header) != 0) {
        const int code = errno;
        return {delivery_of_errno(code), result_of_errno(code)};
    }
    const std::size_t sense_length = std::min<std::size_t>(header.sb_len_wr, sense.size());
    const SgAnswer answer{header.status, header.host_status, header.driver_status, header.resid,
                          ConstBytes(sense).first(sense_length)};
    return {delivery_of(answer), result_of(answer, in ? static_cast<std::uint32_t>(length) : 0)};
}

}  // namespace prh
