// SPDX-License-Identifier: MIT
#include "unit/emul_hosts.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace prh::test {
namespace {

PrOutParameters parameters(std::uint64_t key, std::uint64_t service_action_key, const Bits& bits = {}) {
    return {{key}, {service_action_key}, bits.spec_i_pt, bits.all_tg_pt, bits.aptpl, bits.ids};
}

}  // namespace

std::string brief(const CommandResult& result) {
    if (result.status == ScsiStatus::Good) return "GOOD";
    if (result.status == ScsiStatus::ReservationConflict) return "CONFLICT";
    const auto code = result.sense.code();
    if (result.status != ScsiStatus::CheckCondition || !code)
        return fmt::format("status {:02x}", static_cast<unsigned>(result.status));
    return fmt::format("{:x}/{:02x}/{:02x}", static_cast<unsigned>(code->key), code->asc, code->ascq);
}

std::string Host::registers(std::uint64_t old_key, std::uint64_t new_key, const Bits& bits) {
    return out(PrOutAction::Register, 0, 0, parameters(old_key, new_key, bits));
}

std::string Host::registers_ignoring(std::uint64_t old_key, std::uint64_t new_key, const Bits& bits) {
    return out(PrOutAction::RegisterAndIgnoreExistingKey, 0, 0, parameters(old_key, new_key, bits));
}

std::string Host::reserves(std::uint64_t key, std::uint8_t type, std::uint8_t scope) {
    return out(PrOutAction::Reserve, type, scope, parameters(key, 0));
}

std::string Host::releases(std::uint64_t key, std::uint8_t type, std::uint8_t scope) {
    return out(PrOutAction::Release, type, scope, parameters(key, 0));
}

std::string Host::clears(std::uint64_t key) { return out(PrOutAction::Clear, 0, 0, parameters(key, 0)); }

std::string Host::preempts(std::uint64_t key, std::uint64_t victim, std::uint8_t type, std::uint8_t scope) {
    return out(PrOutAction::Preempt, type, scope, parameters(key, victim));
}

std::string Host::preempts_and_aborts(std::uint64_t key, std::uint64_t victim, std::uint8_t type) {
    return out(PrOutAction::PreemptAndAbort, type, 0, parameters(key, victim));
}

std::string Host::moves(std::uint64_t key, std::uint64_t new_key, const Move& move) {
    const RegisterAndMoveParameters list{{key},      {new_key},           move.unreg,
                                         move.aptpl, move.to.target_port, move.to.initiator_port};
    const auto bytes = list.encode();
    return sends(Cdb::persistent_reserve_out(PrOutAction::RegisterAndMove, 0,
                                             static_cast<std::uint32_t>(bytes.size())),
                 bytes);
}

std::string Host::out(PrOutAction action, std::uint8_t type, std::uint8_t scope,
                      const PrOutParameters& list) {
    const auto bytes = list.encode();
    return sends(Cdb::persistent_reserve_out(action, type, static_cast<std::uint32_t>(bytes.size()), scope),
                 bytes);
}

std::string Host::sends(const Cdb& cdb, const std::vector<std::uint8_t>& list) {
    std::vector<std::uint8_t> data(cdb.is_persistent_reserve_in() ? cdb.allocation_length() : 0);
    const CommandResult result = unit_.execute(nexus_, cdb, list, data);
    EXPECT_LE(result.data_length, data.size());
    return brief(result);
}

std::vector<std::uint8_t> Host::reads(PrInAction action, std::uint16_t allocation_length) {
    std::vector<std::uint8_t> data(allocation_length);
    const CommandResult result =
        unit_.execute(nexus_, Cdb::persistent_reserve_in(action, allocation_length), {}, data);
    EXPECT_EQ(brief(result), "GOOD");
    EXPECT_LE(result.data_length, data.size());
    data.resize(result.data_length);
    return data;
}

std::vector<std::uint64_t> keys(const LogicalUnit& unit) {
    std::vector<std::uint64_t> list;
    for (const Registration& registration : unit.registrations().list())
        list.push_back(registration.key.value);
    return list;
}

std::string held(const LogicalUnit& unit) {
    const auto& reservation = unit.reservation();
    if (!reservation) return "none";
    const auto key = reservation->holder ? unit.registrations().key_of(*reservation->holder)
                                         : std::optional(ReservationKey{});
    return fmt::format("{} by {:x}", static_cast<unsigned>(reservation->type),
                       key.value_or(ReservationKey{0xDEAD}).value);
}

}  // namespace prh::test
