// SPDX-License-Identifier: MIT
// A reservation command as a value, made by functions that are named as one says it: reg(0, K).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scsi/cdb.h"
#include "unit/emul_hosts.h"

namespace prh::multipath {

struct GuestCommand {
    Cdb cdb;
    std::vector<std::uint8_t> list = {};

    std::string to_string() const;
};

using test::Bits;
using test::Move;

GuestCommand reg(std::uint64_t key, std::uint64_t new_key, const Bits& bits = {});
GuestCommand reg_ignore(std::uint64_t key, std::uint64_t new_key, const Bits& bits = {});
GuestCommand reserve(std::uint64_t key, std::uint8_t type, std::uint8_t scope = 0);
GuestCommand release(std::uint64_t key, std::uint8_t type, std::uint8_t scope = 0);
GuestCommand clear(std::uint64_t key);
GuestCommand preempt(std::uint64_t key, std::uint64_t victim, std::uint8_t type, std::uint8_t scope = 0);
GuestCommand preempt_and_abort(std::uint64_t key, std::uint64_t victim, std::uint8_t type);
GuestCommand move(std::uint64_t key, std::uint64_t new_key, const Move& move);
GuestCommand read(PrInAction action, std::uint16_t allocation_length = 8192);
inline GuestCommand read_keys() { return read(PrInAction::ReadKeys); }

}  // namespace prh::multipath
