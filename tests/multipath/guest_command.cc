// SPDX-License-Identifier: MIT
#include "multipath/guest_command.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "scsi/names.h"
#include "scsi/pr_out_parameters.h"

namespace prh::multipath {
namespace {

GuestCommand out(PrOutAction action, std::uint8_t type, std::uint8_t scope, std::uint64_t key,
                 std::uint64_t other, const Bits& bits = {}) {
    const PrOutParameters parameters{{key}, {other}, bits.spec_i_pt, bits.all_tg_pt, bits.aptpl, bits.ids};
    std::vector<std::uint8_t> list = parameters.encode();
    const auto length = static_cast<std::uint32_t>(list.size());
    return {Cdb::persistent_reserve_out(action, type, length, scope), std::move(list)};
}

}  // namespace

std::string GuestCommand::to_string() const {
    std::string text = prh::to_string(cdb);
    if (list.size() >= PrOutParameters::kBasicLength)
        text += fmt::format(", key {:x}, other key {:x}", load_be<std::uint64_t>(list.data()),
                            load_be<std::uint64_t>(&list[8]));
    return text;
}

GuestCommand reg(std::uint64_t key, std::uint64_t new_key, const Bits& bits) {
    return out(PrOutAction::Register, 0, 0, key, new_key, bits);
}

GuestCommand reg_ignore(std::uint64_t key, std::uint64_t new_key, const Bits& bits) {
    return out(PrOutAction::RegisterAndIgnoreExistingKey, 0, 0, key, new_key, bits);
}

GuestCommand reserve(std::uint64_t key, std::uint8_t type, std::uint8_t scope) {
    return out(PrOutAction::Reserve, type, scope, key, 0);
}

GuestCommand release(std::uint64_t key, std::uint8_t type, std::uint8_t scope) {
    return out(PrOutAction::Release, type, scope, key, 0);
}

GuestCommand clear(std::uint64_t key) { return out(PrOutAction::Clear, 0, 0, key, 0); }

GuestCommand preempt(std::uint64_t key, std::uint64_t victim, std::uint8_t type, std::uint8_t scope) {
    return out(PrOutAction::Preempt, type, scope, key, victim);
}

GuestCommand preempt_and_abort(std::uint64_t key, std::uint64_t victim, std::uint8_t type) {
    return out(PrOutAction::PreemptAndAbort, type, 0, key, victim);
}

GuestCommand move(std::uint64_t key, std::uint64_t new_key, const Move& move) {
    std::vector<std::uint8_t> list =
        RegisterAndMoveParameters{{key},      {new_key},           move.unreg,
                                  move.aptpl, move.to.target_port, move.to.initiator_port}
            .encode();
    const auto length = static_cast<std::uint32_t>(list.size());
    return {Cdb::persistent_reserve_out(PrOutAction::RegisterAndMove, 0, length), std::move(list)};
}

GuestCommand read(PrInAction action, std::uint16_t allocation_length) {
    return {Cdb::persistent_reserve_in(action, allocation_length)};
}

}  // namespace prh::multipath
