// SPDX-License-Identifier: MIT
// Rows 26-37 and 51-53: RELEASE, CLEAR, and unregistering while something is held.
#include "vm/scene.h"

namespace prh::vm {
namespace {

void we_hold(Scene& s, unsigned type) {
    s.ours.reg(0, K).good();
    s.ours.reserve(K, type).good();
}

void other_holds(Scene& s, unsigned type) {
    s.other.reg(0, J).good();
    s.other.reserve(J, type).good();
}

}  // namespace

Rows releasing_rows() {
    return {
        {26, "reg; RESERVE 5; RELEASE 5 -> GOOD",
         [](Scene& s) {
             we_hold(s, 5);
             s.ours.release(K, 5).good();
             s.state({K}, kNothing);
         }},
        {27, "the holder: RELEASE type 1, scope 1 -> refused",
         [](Scene& s) {
             we_hold(s, 5);
             s.ours.release(K, 1).gives(kInvalidRelease);
             s.ours.release(K, 5, 1).gives(kReleaseOfBadScope);
             s.state({K}, held(K, 5));
         }},
        {28, "the holder: RELEASE with a wrong key -> CONFLICT",
         [](Scene& s) {
             we_hold(s, 5);
             s.ours.release(kWrongKey, 5).gives(kConflict);
             s.state({K}, held(K, 5));
         }},
        {29, "reg; B holds; RELEASE 5 -> GOOD, B still holds; with a wrong key",
         [](Scene& s) {
             s.ours.reg(0, K).good();
             other_holds(s, 5);
             s.ours.release(K, 5).good();
             s.state({K, J}, held(J, 5));
             s.ours.release(kWrongKey, 5).gives(kReleaseByNonHolderWithWrongKey);
             s.state({K, J}, held(J, 5));
         }},
        {30, "reg; RELEASE, nothing held -> GOOD",
         [](Scene& s) {
             s.ours.reg(0, K).good();
             s.ours.release(K, 5).good();
             s.state({K}, kNothing);
         }},
        {31, "unregistered: RELEASE, nothing held; B holds -> CONFLICT",
         [](Scene& s) {
             s.ours.release(K, 5).gives(kNotRegistered);
             other_holds(s, 5);
             s.ours.release(K, 5).gives(kConflict);
             s.state({J}, held(J, 5));
         }},
        {32, "B reg; RESERVE 5; RELEASE 5 -> B sees 06/2A/04 once",
         [](Scene& s) {
             s.other.reg(0, J).good();
             we_hold(s, 5);
             s.ours.release(K, 5).good();
             s.other.attention(kReservationsReleased);
             s.ours.no_attention();
             s.state({K, J}, kNothing);
         }},
        {33, "the same with type 1 -> B sees nothing",
         [](Scene& s) {
             s.other.reg(0, J).good();
             we_hold(s, 1);
             s.ours.release(K, 1).good();
             s.other.no_attention();
             s.state({K, J}, kNothing);
         }},
        {34, "RESERVE 7; B RELEASE 7 -> GOOD, we see 06/2A/04",
         [](Scene& s) {
             we_hold(s, 7);
             s.other.reg(0, J).good();
             s.other.release(J, 7).good();
             s.ours.attention(kReservationsReleased);
             s.state({K, J}, kNothing);
         }},
        {35, "reg; B holds; CLEAR -> GOOD, B sees 06/2A/03",
         [](Scene& s) {
             s.ours.reg(0, K).good();
             other_holds(s, 5);
             s.ours.clear(K).good();
             s.other.attention(kReservationsPreempted);
             s.ours.no_attention();
             s.nobody();
         }},
        {36, "reg; B holds; CLEAR with a wrong key -> CONFLICT",
         [](Scene& s) {
             s.ours.reg(0, K).good();
             other_holds(s, 5);
             s.ours.clear(kWrongKey).gives(kConflict);
             s.state({K, J}, held(J, 5));
         }},
        {37, "unregistered: CLEAR, nothing held; B holds -> CONFLICT",
         [](Scene& s) {
             s.ours.clear(K).gives(kNotRegistered);
             other_holds(s, 5);
             s.ours.clear(K).gives(kConflict);
             s.state({J}, held(J, 5));
         }},
        {51, "RESERVE 5, B reg; REGISTER(K,0) -> GOOD, released, B sees 06/2A/04",
         [](Scene& s) {
             we_hold(s, 5);
             s.other.reg(0, J).good();
             s.ours.reg(K, 0).good();
             s.other.attention(kReservationsReleased);
             s.state({J}, kNothing);
         }},
        {52, "RESERVE 1, B reg; REGISTER(K,0) -> GOOD, released, B sees nothing",
         [](Scene& s) {
             we_hold(s, 1);
             s.other.reg(0, J).good();
             s.ours.reg(K, 0).good();
             s.other.no_attention();
             s.state({J}, kNothing);
         }},
        {53, "RESERVE 7, B reg; REGISTER(K,0) -> GOOD, type 7 stays",
         [](Scene& s) {
             we_hold(s, 7);
             s.other.reg(0, J).good();
             s.ours.reg(K, 0).good();
             s.state({J}, held(0, 7));
         }},
    };
}

}  // namespace prh::vm
