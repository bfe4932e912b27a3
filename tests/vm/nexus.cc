// SPDX-License-Identifier: MIT
#include "vm/nexus.h"

#include <fcntl.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace prh::vm {
namespace {

constexpr unsigned kRegister = 0, kReserve = 1, kRelease = 2, kClear = 3, kPreempt = 4, kPreemptAndAbort = 5,
                   kRegisterAndIgnore = 6, kRegisterAndMove = 7;
constexpr unsigned kSpecInitiatorPorts = 0x08, kUnregister = 0x02;
constexpr unsigned kDiskTimeoutMilliseconds = 60'000;  // an emulated CPU is slow, not broken

void put_big_endian(Bytes& bytes, std::size_t at, std::size_t width, std::uint64_t value) {
    for (std::size_t i = 0; i < width; ++i)
        bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * (width - 1 - i)));
}

std::string keys_text(std::uint64_t key, std::uint64_t action_key) {
    return "(" + hex(key) + "," + hex(action_key) + ")";
}

}  // namespace

std::string hex(std::uint64_t value) {
    char text[24];
    std::snprintf(text, sizeof text, "%llx", static_cast<unsigned long long>(value));
    return text;
}

std::string hex(const Bytes& bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", byte);
        text += digits;
    }
    return text;
}

const Step& Step::gives(const std::string& expected) const {
    if (reply_.brief() != expected)
        throw RowFailure(command_ + ": expected " + expected + ", seen " + reply_.brief());
    return *this;
}

const Step& Step::returns(const Bytes& data) const {
    good();
    if (reply_.data != data)
        throw RowFailure(command_ + ": expected data " + hex(data) + ", seen " + hex(reply_.data));
    return *this;
}

Nexus::Nexus(std::string name, Target target, const std::string& socket, const std::string& device)
    : name_(std::move(name)), target_(target), past_helper_(socket.empty()) {
    // Closing a disk that is open for writing makes udev look at it, and that takes unit attentions.
    descriptor_ = ::open(device.c_str(), (past_helper_ ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK);
    if (descriptor_ < 0) throw std::runtime_error(device + ": " + std::strerror(errno));
    if (past_helper_) return;
    if (!client_.open(socket)) throw std::runtime_error(socket + ": no helper answers");
    client_.set_timeout(120);
}

Nexus::~Nexus() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Step Nexus::reg(std::uint64_t key, std::uint64_t new_key, unsigned flags) {
    return out("REGISTER" + keys_text(key, new_key), kRegister, 0, test::key_list(key, new_key, flags));
}

Step Nexus::reg_ignore(std::uint64_t key, std::uint64_t new_key, unsigned flags) {
    return out("REGISTER AND IGNORE" + keys_text(key, new_key), kRegisterAndIgnore, 0,
               test::key_list(key, new_key, flags));
}

Step Nexus::reserve(std::uint64_t key, unsigned type, unsigned scope) {
    return out("RESERVE(" + hex(key) + ")", kReserve, type, test::key_list(key, 0), scope);
}

Step Nexus::release(std::uint64_t key, unsigned type, unsigned scope) {
    return out("RELEASE(" + hex(key) + ")", kRelease, type, test::key_list(key, 0), scope);
}

Step Nexus::clear(std::uint64_t key) {
    return out("CLEAR(" + hex(key) + ")", kClear, 0, test::key_list(key, 0));
}

Step Nexus::preempt(std::uint64_t key, std::uint64_t victim, unsigned type, unsigned scope) {
    return out("PREEMPT" + keys_text(key, victim), kPreempt, type, test::key_list(key, victim), scope);
}

Step Nexus::preempt_and_abort(std::uint64_t key, std::uint64_t victim, unsigned type) {
    return out("PREEMPT AND ABORT" + keys_text(key, victim), kPreemptAndAbort, type,
               test::key_list(key, victim));
}

Step Nexus::reg_with_ids(unsigned action, std::uint64_t new_key, const Bytes& transport_ids) {
    Bytes list = test::key_list(0, new_key, kSpecInitiatorPorts);
    list.resize(28);
    put_big_endian(list, 24, 4, transport_ids.size());
    list.insert(list.end(), transport_ids.begin(), transport_ids.end());
    return out("REGISTER with SPEC_I_PT(0," + hex(new_key) + ")", action, 0, list);
}

// SPC-4 6.16.4: keys, reserved, flags at 17, relative target port at 18, length at 20, TransportID at 24.
Step Nexus::move(std::uint64_t key, std::uint64_t new_key, const PortIdentity& to, bool unregister) {
    Bytes list = test::key_list(key, new_key);
    list[17] = static_cast<std::uint8_t>(unregister ? kUnregister : 0);
    put_big_endian(list, 18, 2, to.relative_target_port);
    put_big_endian(list, 20, 4, to.transport_id.size());
    list.insert(list.end(), to.transport_id.begin(), to.transport_id.end());
    return out("REGISTER AND MOVE" + keys_text(key, new_key), kRegisterAndMove, 0, list);
}

Step Nexus::out(const std::string& name, unsigned action, unsigned type, const Bytes& list, unsigned scope) {
    const Bytes cdb = test::pr_out(action, type, static_cast<unsigned>(list.size()), scope);
    return through_the_helper(name + " type " + std::to_string(type), cdb, list, 0);
}

Step Nexus::in(unsigned action, unsigned allocation_length) {
    return through_the_helper(
        "PR IN action " + std::to_string(action) + ", " + std::to_string(allocation_length) + " bytes",
        test::pr_in(action, allocation_length), {}, allocation_length);
}

// What holds for every reply, whatever the command: QEMU asserts on the first, and 96 bytes of sense are no
// stack dump.
Step Nexus::through_the_helper(const std::string& name, const Bytes& cdb, const Bytes& list,
                               unsigned allowed) {
    if (past_helper_) return past_the_helper(name, cdb, allowed, list);
    const std::string command = name_ + " " + name;
    const auto reply = client_.request(cdb, descriptor_, list);
    if (!reply) throw RowFailure(command + ": the helper closed the connection or did not answer");
    if (reply->size > (reply->status == 0 ? allowed : 0))
        throw RowFailure(command + ": " + std::to_string(reply->size) + " bytes of data with " +
                         reply->brief());
    const bool has_sense =
        std::any_of(reply->sense.begin(), reply->sense.end(), [](std::uint8_t byte) { return byte != 0; });
    if (has_sense != (reply->status == 2))
        throw RowFailure(command + ": status and sense disagree: " + reply->brief());
    return {command, target_, *reply};
}

Step Nexus::past_the_helper(const std::string& name, const Bytes& cdb, unsigned bytes_in, const Bytes& out) {
    const std::string command = name_ + " " + name + " (past the helper)";
    RawReply reply;
    Bytes data = out;
    if (bytes_in > 0) data.resize(bytes_in);
    Bytes mutable_cdb = cdb;
    sg_io_hdr header{};
    header.interface_id = 'S';
    header.dxfer_direction = bytes_in > 0 ? SG_DXFER_FROM_DEV : out.empty() ? SG_DXFER_NONE : SG_DXFER_TO_DEV;
    header.cmd_len = static_cast<unsigned char>(mutable_cdb.size());
    header.cmdp = mutable_cdb.data();
    header.dxferp = data.data();
    header.dxfer_len = static_cast<unsigned>(data.size());
    header.sbp = reply.sense.data();
    header.mx_sb_len = static_cast<unsigned char>(reply.sense.size());
    header.timeout = kDiskTimeoutMilliseconds;
    if (::ioctl(descriptor_, SG_IO, &header) != 0) throw RowFailure(command + ": " + std::strerror(errno));
    if (header.host_status != 0)
        throw RowFailure(command + ": host status " + hex(std::uint64_t{header.host_status}));
    reply.status = header.status;
    if (bytes_in > 0 && reply.status == 0) {
        data.resize(bytes_in - static_cast<unsigned>(std::max(header.resid, 0)));
        reply.data = data;
    }
    return {command, target_, reply};
}

Step Nexus::poke() {
    return target_ == Target::kLio ? past_the_helper("TEST UNIT READY", Bytes(6)) : in(kReadReservation, 24);
}

void Nexus::attention(const std::string& expected) {
    if (paths_.empty()) {
        poke().gives(expected);
    } else {
        in(kReadReservation, 24).gives(expected);  // as a guest sees it: one nexus, one unit attention
        in(kReadReservation, 24).good();
    }
    no_attention();
}

void Nexus::no_attention() {
    if (paths_.empty()) poke().good();
    for (Nexus* path : paths_) path->no_attention();
}

void Nexus::drain() {
    for (Nexus* path : paths_) path->drain();
    if (!paths_.empty()) return;
    std::string last;
    for (int i = 0; i < 8; ++i) {
        last = poke().reply().brief();
        if (last == kGood) return;
    }
    throw RowFailure(name_ + " does not become ready: " + last);
}

}  // namespace prh::vm
