// SPDX-License-Identifier: MIT
#include "multipath/random_step.h"

#include <rapidcheck.h>

#include <ostream>

namespace prh::multipath {
namespace {

constexpr std::uint64_t kKeysOfOthers[] = {J, 0x3333};
constexpr std::uint64_t kKeyOfNobody = 0x5555;

std::uint64_t registered_key(const World& world, const Nexus& nexus) {
    return world.reference.unit().registrations().key_of(nexus).value_or(ReservationKey{}).value;
}

std::uint64_t own_key(const Step& step, const World& world) {
    const bool guest = step.kind == Step::Kind::kGuest;
    const std::uint64_t current =
        registered_key(world, guest ? world.guest_nexus() : World::other_nexus(unsigned(step.host)));
    switch (step.key) {
        case 0:
        case 1:
        case 2:
        case 3: return current;
        case 4: return kWrongKey;
        default: return 0;
    }
}

}  // namespace

rc::Gen<Step> any_step() {
    return rc::gen::exec([] {
        using Kind = Step::Kind;
        Step step;
        step.kind = *rc::gen::weightedElement<Kind>(
            {{10, Kind::kGuest}, {5, Kind::kOther}, {1, Kind::kPathDown}, {1, Kind::kPathUp}});
        step.path = *rc::gen::inRange(0, 4);
        step.flag = *rc::gen::arbitrary<bool>();
        step.host = *rc::gen::inRange(0, 2);
        step.in = *rc::gen::weightedElement<bool>({{5, false}, {1, true}});
        step.action = step.in ? *rc::gen::inRange(0, 4)
                              : *rc::gen::weightedElement<int>(
                                    {{5, 0}, {5, 1}, {3, 2}, {1, 3}, {4, 4}, {1, 5}, {3, 6}, {1, 7}});
        step.key = *rc::gen::inRange(0, 6);
        step.other_key = *rc::gen::inRange(0, 6);
        step.type = *rc::gen::weightedElement<int>({{1, 1}, {1, 3}, {4, 5}, {2, 6}, {2, 7}, {1, 8}});
        return step;
    });
}

GuestCommand command_of(const Step& step, const World& world) {
    if (step.in) return read(static_cast<PrInAction>(step.action));
    const bool guest = step.kind == Step::Kind::kGuest;
    const std::uint64_t key = own_key(step, world);
    const std::uint64_t of_guest = registered_key(world, world.guest_nexus());
    const auto type = static_cast<std::uint8_t>(step.type);
    const std::uint64_t own[] = {guest ? K : kKeysOfOthers[step.host], guest ? K2 : kKeysOfOthers[step.host],
                                 0};
    const std::uint64_t victims[] = {of_guest, of_guest, kKeysOfOthers[0], kKeysOfOthers[1], kKeyOfNobody, 0};
    switch (static_cast<PrOutAction>(step.action)) {
        case PrOutAction::Register: return reg(key, own[step.other_key / 2], {.aptpl = step.flag});
        case PrOutAction::Reserve: return reserve(key, type);
        case PrOutAction::Release: return release(key, type);
        case PrOutAction::Clear: return clear(key);
        case PrOutAction::Preempt: return preempt(key, victims[step.other_key], type);
        case PrOutAction::PreemptAndAbort: return preempt_and_abort(key, victims[step.other_key], type);
        case PrOutAction::RegisterAndIgnoreExistingKey:
            return reg_ignore(key, own[step.other_key / 2], {.aptpl = step.flag});
        case PrOutAction::RegisterAndMove:
            return move(key, kKeysOfOthers[0], {World::other_nexus(guest ? 0 : 1), step.flag});
    }
    return {};
}

void showValue(const Step& step, std::ostream& out) {
    const char* const kinds[] = {"guest", "other host", "path down", "path up"};
    out << kinds[static_cast<int>(step.kind)];
    if (step.kind == Step::Kind::kPathDown || step.kind == Step::Kind::kPathUp) {
        out << " " << step.path << (step.flag ? " unnoticed" : "");
        return;
    }
    if (step.kind == Step::Kind::kOther) out << " " << step.host;
    out << (step.in ? " in " : " out ") << step.action << ", key " << step.key << ", other key "
        << step.other_key << ", type " << step.type << (step.flag ? ", flag" : "");
}

}  // namespace prh::multipath
