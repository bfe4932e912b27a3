// SPDX-License-Identifier: MIT
// Rows 64-70: READ FULL STATUS, REGISTER AND MOVE, and commands beside persistent reservations.
#include <algorithm>

#include "vm/scene.h"

namespace prh::vm {
namespace {

const Bytes kTestUnitReady(6), kReserve6{0x16, 0, 0, 0, 0, 0}, kRelease6{0x17, 0, 0, 0, 0, 0},
    kInquiry{0x12, 0, 0, 0, 36, 0}, kRead{0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0}, kWrite{0x2A, 0, 0, 0, 0,
                                                                                   0,    0, 0, 1, 0};

void read_full_status(Scene& s) {
    std::vector<PortIdentity> expected = s.our_identities();
    const PortIdentity them = s.identity_of(s.other);
    s.ours.reg(0, K).good();
    s.other.reg(0, J).good();
    s.ours.reserve(K, 5).good();
    std::size_t holders = 0;
    for (const Registrant& registrant : full_status(s.ours)) {
        const bool theirs = registrant.identity() == them;
        if (registrant.key != (theirs ? J : K) ||
            registrant.scope_and_type != (registrant.holder ? 5U : 0U) || (theirs && registrant.holder))
            throw RowFailure("READ FULL STATUS: wrong descriptor of key " + hex(registrant.key));
        holders += registrant.holder ? 1 : 0;
        if (!theirs && std::erase(expected, registrant.identity()) != 1)
            throw RowFailure("READ FULL STATUS: two nexuses have one identity");
    }
    if (!expected.empty() || holders != 1)
        throw RowFailure("READ FULL STATUS: not all are named, or no holder");
    if (full_status(s.ours).size() != s.path_count() + 1) throw RowFailure("READ FULL STATUS lacks B");
}

PortIdentity holder_of(Scene& s) {
    for (const Registrant& registrant : full_status(s.ours))
        if (registrant.holder) return registrant.identity();
    throw RowFailure("nobody holds");
}

void move_refused(Scene& s) {
    const PortIdentity them = s.identity_of(s.other);
    PortIdentity nowhere = them;
    nowhere.relative_target_port = 0x7777;
    s.ours.reg(0, K).good();
    s.ours.reserve(K, 5).good();
    s.ours.move(K, J, holder_of(s)).gives(kInvalidFieldInParameterList);
    s.ours.move(K, J, nowhere).gives(kInvalidFieldInParameterList);
    s.ours.move(K, 0, them).gives(kInvalidFieldInParameterList);
    s.ours.move(kWrongKey, J, them).gives(kConflict);
    s.state({K}, held(K, 5));
}

}  // namespace

Rows moving_rows() {
    return {
        {64, "both reg; RESERVE 5; READ FULL STATUS names both, and the holder", read_full_status},
        {65, "RESERVE 5; REGISTER AND MOVE to B -> GOOD, B holds with J, K stays",
         [](Scene& s) {
             const PortIdentity them = s.identity_of(s.other);
             s.ours.reg(0, K).good();
             s.ours.reserve(K, 5).good();
             s.ours.move(K, J, them).good();
             s.state({K, J}, held(J, 5));
             s.other.reserve(J, 5).good();
         }},
        {66, "REGISTER AND MOVE with UNREG -> GOOD, only J is left",
         [](Scene& s) {
             const PortIdentity them = s.identity_of(s.other);
             s.ours.reg(0, K).good();
             s.ours.reserve(K, 5).good();
             s.ours.move(K, J, them, true).good();
             s.state({J}, held(J, 5));
         }},
        {67, "REGISTER AND MOVE: nothing held -> 05/24/00; not the holder, all registrants -> CONFLICT",
         [](Scene& s) {
             const PortIdentity them = s.identity_of(s.other);
             s.ours.reg(0, K).good();
             s.ours.move(K, J, them).gives(kInvalidFieldInCdb);
             s.other.reg(0, J).good();
             s.other.reserve(J, 5).good();
             s.ours.move(K, J, them).gives(kConflict);
             s.other.release(J, 5).good();
             s.ours.drain();
             s.ours.reserve(K, 7).good();
             s.ours.move(K, J, them).gives(kConflict);
             s.state({K, J}, held(0, 7));
         }},
        {68,
         "REGISTER AND MOVE to ourselves, to no port, with key 0 -> 05/26/00; with a wrong key -> CONFLICT",
         move_refused},
        {69, "B RESERVE(6): every PR command -> CONFLICT",
         [](Scene& s) {
             s.other.past_the_helper("RESERVE(6)", kReserve6).good();
             s.ours.reg(0, K).gives(kConflict);
             s.ours.reg_ignore(0, K).gives(kConflict);
             s.ours.in(0, 24).gives(kConflict);
             s.other.past_the_helper("RELEASE(6)", kRelease6).good();
             s.nobody();
         },
         Needs::kLio},
        {70, "RESERVE 6: B's INQUIRY, TEST UNIT READY -> GOOD, its READ, WRITE -> CONFLICT",
         [](Scene& s) {
             s.ours.reg(0, K).good();
             s.ours.reserve(K, 6).good();
             s.other.past_the_helper("INQUIRY", kInquiry, 36).good();
             s.other.past_the_helper("TEST UNIT READY", kTestUnitReady).good();
             s.other.past_the_helper("READ(10)", kRead, 512).gives(kConflict);
             s.other.past_the_helper("WRITE(10)", kWrite, 0, Bytes(512)).gives(kConflict);
             s.state({K}, held(K, 6));
         },
         Needs::kLio},
    };
}

}  // namespace prh::vm
