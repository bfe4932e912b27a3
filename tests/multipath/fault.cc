// SPDX-License-Identifier: MIT
#include "multipath/fault.h"

namespace prh::multipath {
namespace {

constexpr std::uint64_t kTagOfTemporaryKeys = 0x505248;  ///< "PRH", key_swapping.cc

Fault attention(std::uint8_t asc, std::uint8_t ascq, const char* name) {
    return {name, Fault::Kind::kAnswered,
            CommandResult::check_condition({SenseKey::UnitAttention, asc, ascq})};
}

Fault answer(ScsiStatus status, const char* name) {
    return {name, Fault::Kind::kAnswered, CommandResult::of(status)};
}

}  // namespace

bool Fault::applies_to(const Cdb& cdb, std::uint64_t new_key, bool ends_good) const {
    if (kind == Kind::kDoneBefore)
        return cdb.is_persistent_reserve_out() && ends_good && new_key >> 40 != kTagOfTemporaryKeys &&
               static_cast<PrOutAction>(cdb.service_action()) == PrOutAction::Register;
    return effect == Effect::kNone || cdb.is_persistent_reserve_out();
}

const std::vector<Fault>& every_fault() {
    using Kind = Fault::Kind;
    static const std::vector<Fault> all = {
        attention(0x29, 0x00, "6/29/00"),
        attention(0x2A, 0x01, "6/2a/01"),
        attention(0x2A, 0x03, "6/2a/03"),
        attention(0x2A, 0x04, "6/2a/04"),
        attention(0x2A, 0x05, "6/2a/05"),
        answer(ScsiStatus::Busy, "BUSY"),
        answer(ScsiStatus::TaskSetFull, "TASK SET FULL"),
        {"2/04/0a", Kind::kAnswered, CommandResult::check_condition({SenseKey::NotReady, 0x04, 0x0A})},
        {"unreachable, not executed", Kind::kUnreachable, {}, Effect::kNone, false},
        {"unreachable, executed", Kind::kUnreachable, {}, Effect::kNow, false},
        {"unreachable, not executed, path dead", Kind::kUnreachable, {}, Effect::kNone, true},
        {"unreachable, executed, path dead", Kind::kUnreachable, {}, Effect::kNow, true},
        {"timeout, not executed", Kind::kTimedOut, {}, Effect::kNone, false},
        {"timeout, executed", Kind::kTimedOut, {}, Effect::kNow, false},
        {"timeout, not executed, path dead", Kind::kTimedOut, {}, Effect::kNone, true},
        {"timeout, executed, path dead", Kind::kTimedOut, {}, Effect::kNow, true},
        {"timeout, executed later", Kind::kTimedOut, {}, Effect::kLater, false},
        {"done before", Kind::kDoneBefore},
    };
    return all;
}

}  // namespace prh::multipath
