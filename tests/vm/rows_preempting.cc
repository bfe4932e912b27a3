// SPDX-License-Identifier: MIT
// Rows 38-50 and 76: PREEMPT and PREEMPT AND ABORT.
#include "vm/scene.h"

namespace prh::vm {
namespace {

constexpr Key kUnknownKey = 0x5555;

void both_registered(Scene& s) {
    s.ours.reg(0, K).good();
    s.other.reg(0, J).good();
}

void registered_other_holds(Scene& s, unsigned type) {
    both_registered(s);
    s.other.reserve(J, type).good();
}

}  // namespace

Rows preempting_rows() {
    return {
        {38, "reg; B holds 5; PREEMPT(K,J,5) -> GOOD, we hold; B sees 06/2A/05",
         [](Scene& s) {
             registered_other_holds(s, 5);
             s.ours.preempt(K, J, 5).good();
             s.other.attention(kRegistrationsPreempted);
             s.state({K}, held(K, 5));
         }},
        {39, "reg, B reg, nothing held; PREEMPT(K,J) -> GOOD, B is gone",
         [](Scene& s) {
             both_registered(s);
             s.ours.preempt(K, J, 5).good();
             s.other.attention(kRegistrationsPreempted);
             s.state({K}, kNothing);
         }},
        {40, "PREEMPT of a key that nobody has -> CONFLICT",
         [](Scene& s) {
             registered_other_holds(s, 5);
             s.ours.preempt(K, kUnknownKey, 5).gives(kConflict);
             s.state({K, J}, held(J, 5));
         }},
        {41, "PREEMPT of key 0, no all-registrants reservation -> 05/26/00",
         [](Scene& s) {
             registered_other_holds(s, 5);
             s.ours.preempt(K, 0, 5).gives(kInvalidFieldInParameterList);
             s.state({K, J}, held(J, 5));
         }},
        {42, "B RESERVE 7; PREEMPT(K,0,5) -> GOOD, type 5 is ours",
         [](Scene& s) {
             registered_other_holds(s, 7);
             s.ours.preempt(K, 0, 5).good();
             s.other.attention(kRegistrationsPreempted);
             s.state({K}, held(K, 5));
         }},
        {43, "B RESERVE 7; PREEMPT(K,J,7) -> GOOD, type 7 stays",
         [](Scene& s) {
             registered_other_holds(s, 7);
             s.ours.preempt(K, J, 7).good();
             s.other.attention(kRegistrationsPreempted);
             s.state({K}, held(0, 7));
         }},
        {44, "RESERVE 5; PREEMPT(K,K,5) -> GOOD, nothing changes",
         [](Scene& s) {
             s.ours.reg(0, K).good();
             s.ours.reserve(K, 5).good();
             s.ours.preempt(K, K, 5).good();
             s.ours.no_attention();
             s.state({K}, held(K, 5));
         }},
        {45, "RESERVE 5, B reg; PREEMPT(K,K,6) -> GOOD, type 6; B sees 06/2A/04",
         [](Scene& s) {
             both_registered(s);
             s.ours.reserve(K, 5).good();
             s.ours.preempt(K, K, 6).good();
             s.other.attention(kReservationsReleased);
             s.state({K, J}, held(K, 6));
         }},
        {46, "reg; PREEMPT(K,K), nothing held -> GOOD, nobody is left",
         [](Scene& s) {
             s.ours.reg(0, K).good();
             s.ours.preempt(K, K, 5).good();
             s.nobody();
         }},
        {47, "PREEMPT unregistered, with a wrong key -> CONFLICT",
         [](Scene& s) {
             s.other.reg(0, J).good();
             s.other.reserve(J, 5).good();
             s.ours.preempt(K, J, 5).gives(kConflict);
             s.ours.reg(0, K).good();
             s.ours.preempt(kWrongKey, J, 5).gives(kConflict);
             s.state({K, J}, held(J, 5));
         }},
        {48, "PREEMPT type 0, scope 1 -> refused",
         [](Scene& s) {
             registered_other_holds(s, 5);
             s.ours.preempt(K, J, 0).gives(kInvalidFieldInCdb);
             s.ours.preempt(K, J, 5, 1).gives(kBadScope);
             s.state({K, J}, held(J, 5));
         }},
        {49, "B holds; PREEMPT AND ABORT(K,J,6) -> GOOD, we hold type 6; B sees 06/2A/05",
         [](Scene& s) {
             registered_other_holds(s, 5);
             s.ours.preempt_and_abort(K, J, 6).good();
             s.other.attention(kRegistrationsPreempted);
             s.state({K}, held(K, 6));
         },
         Needs::kAbort},
        {50, "PREEMPT AND ABORT of a key that nobody has -> CONFLICT",
         [](Scene& s) {
             registered_other_holds(s, 5);
             s.ours.preempt_and_abort(K, kUnknownKey, 6).gives(kConflict);
             s.state({K, J}, held(J, 5));
         }},
        {50, "RESERVE 5, B reg; PREEMPT AND ABORT(K,K,5) -> GOOD, nothing changes",
         [](Scene& s) {
             both_registered(s);
             s.ours.reserve(K, 5).good();
             s.ours.preempt_and_abort(K, K, 5).good();
             s.ours.no_attention();
             s.state({K, J}, held(K, 5));
         },
         Needs::kAbort},
        {76, "B holds with K (a migration's source); REGISTER(0,K); PREEMPT(K,K,5) -> GOOD, B loses",
         [](Scene& s) {
             s.other.reg(0, K).good();
             s.other.reserve(K, 5).good();
             s.ours.reg(0, K).good();
             s.ours.preempt(K, K, 5).good();
             s.other.attention(kRegistrationsPreempted);
             s.state({K}, held(K, 5));
             s.other.reserve(K, 5).gives(kConflict);
         }},
    };
}

}  // namespace prh::vm
