// SPDX-License-Identifier: MIT
// What a client writes, as bytes, and a Session that has its handshake behind it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "unit/counted_pipe.h"
#include "wire/session.h"

namespace prh::test {

using Bytes = std::vector<std::uint8_t>;

inline Bytes handshake(std::uint32_t features) {
    Bytes bytes(kHandshakeSize);
    store_be(bytes.data(), features);
    return bytes;
}
inline Bytes bytes_of(const Cdb& cdb) { return {cdb.bytes().begin(), cdb.bytes().end()}; }
inline Bytes in_cdb(std::uint16_t allocation_length) {
    return bytes_of(Cdb::persistent_reserve_in(PrInAction::ReadKeys, allocation_length));
}
inline Bytes out_cdb(std::uint32_t parameter_list_length) {
    return bytes_of(Cdb::persistent_reserve_out(PrOutAction::Register, 0, parameter_list_length));
}
inline Bytes cdb_with_opcode(std::uint8_t opcode) {
    Bytes cdb(Cdb::kSize);
    cdb[0] = opcode;
    return cdb;
}
/// 1, 2, 3, ...
inline Bytes list_of(std::size_t length) {
    Bytes list(length);
    for (std::size_t i = 0; i < length; ++i) list[i] = static_cast<std::uint8_t>(i + 1);
    return list;
}

inline Session greeted() {
    Session session;
    session.feed(handshake(0));
    return session;
}
/// Feeds `bytes`, with one descriptor attached to them.
inline std::optional<ProtocolViolation> feed_with(Session& session, ConstBytes bytes, UniqueFd descriptor) {
    return session.feed(bytes, std::span(&descriptor, 1));
}

}  // namespace prh::test
