// SPDX-License-Identifier: MIT
#include "multipath/duel_exceptions.h"

#include <initializer_list>
#include <regex>

namespace prh::multipath {
namespace {

struct Exception {
    std::string_view name;
    std::initializer_list<const char*> patterns;
};

// "1111" and "2222" are the keys of A and B, "1112" and "2223" those that they change to, "3333" is C's.
const Exception kExceptions[] = {
    // Every registrant is removed, the sender's other paths too; they are registered again at once.
    {"PREEMPT of all registrants", {"PREEMPT (1111|2222) 0.*: for a moment a write of [AB] is refused"}},
    // Paths are registered, and change their key, one after the other; what a PREEMPT in between misses is
    // found and removed before the request is answered.
    {"One path after the other",
     {"REGISTER.*PREEMPT.*: for a moment [AB] writes", "PREEMPT.*REGISTER.*: for a moment [AB] writes",
      "REGISTER.*(CLEAR|RESERVE|REGISTER).*: for a moment [AB] writes"}},
    {"Temporary keys",
     {"PREEMPT 1111 1111 with . PREEMPT .... 1111: for a moment A writes",
      "PREEMPT 1111 1111 with . CLEAR.*: for a moment A writes"}},
    // Who leaves and who preempts it are both told GOOD: the registration is gone in any case. What the host
    // held
    // is released then, and not the preempting host's.
    {"Preempting a host that leaves",
     {"REGISTER (1111|2222) 0.*PREEMPT .*: the answers fit no order",
      "PREEMPT .*REGISTER (1111|2222|3333) 0: the answers fit no order",
      "REGISTER AND MOVE .*(PREEMPT|REGISTER) .*: the answers fit no order",
      "(REGISTER AND IGNORE EXISTING KEY 0 0|REGISTER 1111 0|REGISTER AND MOVE 1111 3333).*PREEMPT .*: A "
      "writes"}},
    // The path that is away has the old key until the others have the new one.
    {"Preempting a key that is being changed",
     {"REGISTER (1111|AND IGNORE EXISTING KEY 0) 1112 with . PREEMPT .... 111[12]: (the answers|the state|A "
      "writes)"}},
    {"Moving away through the only path",
     {"REGISTER AND MOVE 1111 3333 with .*: (A writes|the state fits no order .keys of A.)"}},
    // The command was executed, or its effect was there already: nobody can tell.
    {"An answer that is lost",
     {"(CLEAR|PREEMPT).*(CLEAR|PREEMPT|REGISTER|RESERVE).*: the answers fit no order",
      "PREEMPT 1111 2222 with . PREEMPT .... 1111: a write of B is refused"}},
    {"Releasing while preempted", {"RELEASE .*PREEMPT .*: a write of A is refused"}},
    // The path that preempted is lost or the process dies, and another host preempts it before the others
    // have
    // their key back.
    {"Exchange of keys with a fault", {"PREEMPT 1111 1111 with . PREEMPT .... 1111: A writes"}},
};

}  // namespace

std::string_view exception_of(const std::string& defect) {
    for (const Exception& one : kExceptions)
        for (const char* const pattern : one.patterns)
            if (std::regex_search(defect, std::regex(pattern))) return one.name;
    return {};
}

}  // namespace prh::multipath
