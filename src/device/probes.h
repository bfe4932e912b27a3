// SPDX-License-Identifier: MIT
// Static probes (USDT) with the names of the events of -T, for bpftrace(8) and perf(1): values where the
// trace has words. Each is one nop, and a note in the binary that says where and in which registers; the
// kernel puts its breakpoint there (uprobes), so a confined process is probed like any other. Nothing is
// computed for a probe that is not at hand anyway: times are taken by whoever probes. Arguments are in the
// order of the macros here; qemu-pr-helper(8), PROBES, is their description for users. Functions are always
// inlined: a compiler that takes a probe's text for code would call them.
#pragma once

#if __has_include(<sys/sdt.h>)
#include <sys/sdt.h>
#else  // systemtap's header is missing: the programs have no probes
namespace prh::probe {
template <class... Arguments>
[[gnu::always_inline]] inline void ignore(const Arguments&...) {}
}  // namespace prh::probe
#define STAP_PROBE1(provider, name, ...) ignore(__VA_ARGS__)
#define STAP_PROBE4(provider, name, ...) ignore(__VA_ARGS__)
#define STAP_PROBE6(provider, name, ...) ignore(__VA_ARGS__)
#define STAP_PROBE8(provider, name, ...) ignore(__VA_ARGS__)
#define STAP_PROBE10(provider, name, ...) ignore(__VA_ARGS__)
#endif

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "device/descriptor_kind.h"
#include "os/unix_socket.h"
#include "scsi/cdb.h"
#include "scsi/command_result.h"

namespace prh::probe {

[[gnu::always_inline]] inline void connection_accepted(std::uint64_t connection,
                                                       const PeerCredentials& peer) {
    STAP_PROBE4(qemu_pr_helper, connection_accepted, connection, peer.pid, peer.uid, peer.gid);
}

[[gnu::always_inline]] inline void connection_closed(std::uint64_t connection, const PeerCredentials& peer) {
    STAP_PROBE4(qemu_pr_helper, connection_closed, connection, peer.pid, peer.uid, peer.gid);
}

/// The thread that hits it also sends the request's commands to devices (device_command) and answers it
/// (request_answered), and does nothing else in between.
[[gnu::always_inline]] inline void request_received(std::uint64_t connection, const PeerCredentials& peer,
                                                    const Cdb& cdb) {
    STAP_PROBE6(qemu_pr_helper, request_received, connection, peer.pid, peer.uid, cdb.opcode(),
                cdb.service_action(), cdb.type());
}

/// What a device said, else zeros. Looked at only where there are sense data.
[[gnu::always_inline]] inline SenseCode sense_code(const CommandResult& result) {
    return result.sense.empty() ? SenseCode{} : result.sense.code().value_or(SenseCode{});
}

[[gnu::always_inline]] inline void request_answered(std::uint64_t connection, const PeerCredentials& peer,
                                                    const Cdb& cdb, const CommandResult& result) {
    const SenseCode sense = sense_code(result);
    STAP_PROBE10(qemu_pr_helper, request_answered, connection, peer.pid, peer.uid, cdb.opcode(),
                 cdb.service_action(), static_cast<std::uint8_t>(result.status),
                 static_cast<std::uint8_t>(sense.key), sense.asc, sense.ascq, result.data_length);
}

/// `command`: something that lives as long as the command; its address tells commands apart that are on their
/// way at the same time.
[[gnu::always_inline]] inline void device_command(const void* command, DeviceNumber device, const Cdb& cdb) {
    STAP_PROBE6(qemu_pr_helper, device_command, command, device.major, device.minor, cdb.opcode(),
                cdb.service_action(), cdb.type());
}

/// When the device has answered, on the thread that waited for it: for a path of a multipath map that is
/// another one than device_command was hit by.
[[gnu::always_inline]] inline void device_result(const void* command, DeviceNumber device,
                                                 const CommandResult& result) {
    const SenseCode sense = sense_code(result);
    STAP_PROBE8(qemu_pr_helper, device_result, command, device.major, device.minor,
                static_cast<std::uint8_t>(result.status), static_cast<std::uint8_t>(sense.key), sense.asc,
                sense.ascq, result.data_length);
}

/// `description` ends with a zero byte.
[[gnu::always_inline]] inline void protocol_violation(std::uint64_t connection, const PeerCredentials& peer,
                                                      std::string_view description) {
    STAP_PROBE4(qemu_pr_helper, protocol_violation, connection, peer.pid, peer.uid, description.data());
}

[[gnu::always_inline]] inline void drain(std::size_t requests_in_flight) {
    STAP_PROBE1(qemu_pr_helper, drain, requests_in_flight);
}

}  // namespace prh::probe
