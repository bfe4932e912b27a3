// SPDX-License-Identifier: MIT
#include "wire/session.h"

#include "base/check.h"

namespace prh {
namespace {

/// QEMU's client answers in its host's byte order, so on a little-endian host the bit arrives in the first
/// byte.
constexpr std::uint32_t kFeatureCleanupSwapped = 0x01000000;

}  // namespace

std::string_view describe(ProtocolViolation violation) {
    switch (violation) {
        case ProtocolViolation::UnsupportedFeatures: return "Unsupported features requested, closing socket.";
        case ProtocolViolation::NoDescriptor: return "No file descriptor in request.";
        case ProtocolViolation::TooManyDescriptors:
            return "More than one file descriptor in request, closing socket.";
        case ProtocolViolation::UnknownOperationCode: return "Invalid CDB, closing socket.";
        case ProtocolViolation::DataTooLong: return "Length in CDB is over 8192 bytes, closing socket.";
        case ProtocolViolation::EndOfFileInParameterList:
            return "Unexpected end-of-file before all data were read";
    }
    return "?";
}

std::size_t Session::wanted() const {
    switch (state_) {
        case State::Handshake: return kHandshakeSize - received_;
        case State::Command: return Cdb::kSize - received_;
        case State::ParameterList: return static_cast<std::size_t>(parameter_list_length_ - received_);
        case State::Complete: return 0;
    }
    return 0;
}

std::optional<ProtocolViolation> Session::feed(ConstBytes bytes, std::span<UniqueFd> descriptors,
                                               bool descriptor_lost) {
    PRH_CHECK(bytes.size() <= wanted());
    if (state_ == State::ParameterList) {
        request_.parameter_list.reserve(parameter_list_length_);  // in pieces it would grow to more
        request_.parameter_list.insert(request_.parameter_list.end(), bytes.begin(), bytes.end());
        received_ = static_cast<std::uint16_t>(received_ + bytes.size());
        if (received_ == parameter_list_length_) state_ = State::Complete;
        return std::nullopt;
    }
    for (UniqueFd& descriptor : descriptors) {
        ++descriptors_;
        request_.descriptor =
            std::move(descriptor);  // a second one closes the first, and ends the connection below
    }
    if (descriptor_lost) {
        ++descriptors_;
        request_.descriptor_lost = true;
    }
    std::copy(bytes.begin(), bytes.end(), element_.begin() + received_);
    received_ = static_cast<std::uint16_t>(received_ + bytes.size());
    if (wanted() > 0) return std::nullopt;
    return state_ == State::Handshake ? finish_handshake() : finish_command();
}

std::optional<ProtocolViolation> Session::finish_handshake() {
    const std::uint32_t requested = load_be<std::uint32_t>(element_.data());
    if ((requested & ~kServerFeatures) != 0 && requested != kFeatureCleanupSwapped)
        return ProtocolViolation::UnsupportedFeatures;
    next();
    return std::nullopt;
}

std::optional<ProtocolViolation> Session::finish_command() {
    if (descriptors_ > 1) return ProtocolViolation::TooManyDescriptors;
    if (descriptors_ == 0) return ProtocolViolation::NoDescriptor;
    request_.cdb = Cdb(element_);
    const Cdb& cdb = request_.cdb;
    if (!cdb.is_persistent_reserve_in() && !cdb.is_persistent_reserve_out() && !cdb.is_clean_up())
        return ProtocolViolation::UnknownOperationCode;
    // Bytes 7..8 for both operation codes, as QEMU's client has it: its PARAMETER LIST LENGTH (bytes 5..8)
    // never has more.
    const std::uint16_t length = cdb.is_clean_up() ? std::uint16_t{0} : cdb.allocation_length();
    if (length > kMaximumDataLength) return ProtocolViolation::DataTooLong;
    parameter_list_length_ = cdb.is_persistent_reserve_out() ? length : std::uint16_t{0};
    received_ = 0;
    state_ = parameter_list_length_ > 0 ? State::ParameterList : State::Complete;
    return std::nullopt;
}

std::optional<ProtocolViolation> Session::end_of_file() const {
    if (state_ == State::ParameterList) return ProtocolViolation::EndOfFileInParameterList;
    return std::nullopt;
}

void Session::next() {
    state_ = State::Command;
    received_ = 0;
    descriptors_ = 0;
    parameter_list_length_ = 0;
    request_.descriptor.reset();
    request_.descriptor_lost = false;
    // An idle connection keeps nothing large: a usual parameter list is 24 bytes, the largest 8192.
    constexpr std::size_t kKeptCapacity = 64;
    if (request_.parameter_list.capacity() > kKeptCapacity)
        request_.parameter_list = std::vector<std::uint8_t>();  // "= {}" would keep the capacity
    else
        request_.parameter_list.clear();
}

}  // namespace prh
