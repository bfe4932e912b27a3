// SPDX-License-Identifier: MIT
// One client's side of the conversation as a state machine without I/O: it is fed bytes and descriptors and
// says when a request is whole. It never asks for more than the element that it is reading, so requests sent
// ahead stay in the kernel.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "scsi/cdb.h"
#include "wire/protocol.h"

namespace prh {

/// What a client did that ends its connection, and nobody else's.
enum class ProtocolViolation {
    UnsupportedFeatures,
    NoDescriptor,
    TooManyDescriptors,
    UnknownOperationCode,
    DataTooLong,
    EndOfFileInParameterList,
};
std::string_view describe(ProtocolViolation violation);

struct Request {
    Cdb cdb;
    UniqueFd descriptor;
    bool descriptor_lost = false;  ///< the client sent one and our process could not take it: answered BUSY
    std::vector<std::uint8_t> parameter_list;
};

class Session {
  public:
    /// Bytes that the next read may take at most; 0 when a request is whole. At most kMaximumDataLength.
    std::size_t wanted() const;
    /// Whether descriptors are to be received with them: with the CDB, and never otherwise.
    bool takes_descriptors() const { return state_ == State::Command; }

    /// A descriptor was taken, for a request that is not whole yet or not answered.
    bool holds_descriptor() const { return request_.descriptor.valid(); }

    /// At most wanted() bytes, and what came with them; every descriptor is taken (moved from) at once,
    /// whatever follows. `descriptor_lost`: the kernel had another one for us and could not install it;
    /// it counts.
    std::optional<ProtocolViolation> feed(ConstBytes bytes, std::span<UniqueFd> descriptors = {},
                                          bool descriptor_lost = false);
    /// The client has closed its end: a violation only where a parameter list is cut.
    std::optional<ProtocolViolation> end_of_file() const;

    bool complete() const { return state_ == State::Complete; }
    /// Only while complete().
    Request& request() { return request_; }
    const Request& request() const { return request_; }
    /// The request is answered: wait for the next one.
    void next();

    /// Between requests, handshake done: nothing is owed, and no deadline runs.
    bool idle() const { return state_ == State::Command && received_ == 0; }

  private:
    enum class State { Handshake, Command, ParameterList, Complete };

    std::optional<ProtocolViolation> finish_handshake();
    std::optional<ProtocolViolation> finish_command();

    State state_ = State::Handshake;
    std::uint16_t received_ = 0;  // bytes of the present element
    std::uint16_t descriptors_ = 0;
    std::uint16_t parameter_list_length_ = 0;
    std::array<std::uint8_t, Cdb::kSize> element_{};  // handshake or CDB
    Request request_;
};

}  // namespace prh
