// SPDX-License-Identifier: MIT
// Rows 11-25: RESERVE.
#include "vm/scene.h"

namespace prh::vm {
namespace {

std::function<void(Scene&)> reserve_and_read_back(unsigned type) {
    return [type](Scene& s) {
        s.ours.reg(0, K).good();
        s.ours.reserve(K, type).good();
        s.state({K},
                held(type >= 7 ? 0 : K, type));  // nobody in particular holds an all-registrants reservation
    };
}

}  // namespace

Rows reserving_rows() {
    return {
        {11, "reg; RESERVE 1; READ RESERVATION", reserve_and_read_back(1)},
        {12, "reg; RESERVE 3; READ RESERVATION", reserve_and_read_back(3)},
        {13, "reg; RESERVE 5; READ RESERVATION", reserve_and_read_back(5)},
        {14, "reg; RESERVE 6; READ RESERVATION", reserve_and_read_back(6)},
        {15, "reg; RESERVE 7; READ RESERVATION", reserve_and_read_back(7)},
        {16, "reg; RESERVE 8; READ RESERVATION", reserve_and_read_back(8)},
        {17, "reg; RESERVE of no type (0, 2, 4, 9, 15) -> 05/24/00",
         [](Scene& s) {
             s.ours.reg(0, K).good();
             for (const unsigned type : {0U, 2U, 4U, 9U, 15U})
                 s.ours.reserve(K, type).gives(kInvalidFieldInCdb);
             s.state({K}, kNothing);
         }},
        {18, "reg; RESERVE scope 1, 2 -> refused",
         [](Scene& s) {
             s.ours.reg(0, K).good();
             for (const unsigned scope : {1U, 2U}) s.ours.reserve(K, 5, scope).gives(kBadScope);
             s.state({K}, kNothing);
         }},
        {19, "unregistered, nothing held: RESERVE",
         [](Scene& s) {
             s.ours.reserve(K, 5).gives(kNotRegistered);
             s.nobody();
         }},
        {20, "unregistered, B holds: RESERVE -> CONFLICT",
         [](Scene& s) {
             s.other.reg(0, J).good();
             s.other.reserve(J, 5).good();
             s.ours.reserve(K, 5).gives(kConflict);
             s.state({J}, held(J, 5));
         }},
        {21, "reg; RESERVE with a wrong key -> CONFLICT",
         [](Scene& s) {
             s.ours.reg(0, K).good();
             s.ours.reserve(kWrongKey, 5).gives(kConflict);
             s.state({K}, kNothing);
         }},
        {22, "reg; RESERVE 5; RESERVE 5 -> GOOD",
         [](Scene& s) {
             s.ours.reg(0, K).good();
             s.ours.reserve(K, 5).good();
             s.ours.reserve(K, 5).good();
             s.state({K}, held(K, 5));
         }},
        {23, "reg; RESERVE 5; RESERVE 1 -> CONFLICT",
         [](Scene& s) {
             s.ours.reg(0, K).good();
             s.ours.reserve(K, 5).good();
             s.ours.reserve(K, 1).gives(kConflict);
             s.state({K}, held(K, 5));
         }},
        {24, "reg; B reg J, RESERVE 5; RESERVE 5 -> CONFLICT",
         [](Scene& s) {
             s.ours.reg(0, K).good();
             s.other.reg(0, J).good();
             s.other.reserve(J, 5).good();
             s.ours.reserve(K, 5).gives(kConflict);
             s.state({K, J}, held(J, 5));
         }},
        {25, "B RESERVE 7; reg; RESERVE 7 -> GOOD, RESERVE 5 -> CONFLICT",
         [](Scene& s) {
             s.other.reg(0, J).good();
             s.other.reserve(J, 7).good();
             s.ours.reg(0, K).good();
             s.ours.reserve(K, 7).good();
             s.ours.reserve(K, 5).gives(kConflict);
             s.state({K, J}, held(0, 7));
         }},
    };
}

}  // namespace prh::vm
