// SPDX-License-Identifier: MIT
#include <memory>

#include "vm/kill_points.h"

namespace prh::vm {
namespace {

void both_registered(Scene& s) {
    s.ours.reg(0, K).good();
    s.other.reg(0, J).good();
}

void last_path_holds(Scene& s) {
    both_registered(s);
    s.paths().back()->reserve(K, 5).good();
}

void other_holds(Scene& s, unsigned type) {
    both_registered(s);
    s.other.reserve(J, type).good();
}

std::function<void(Scene&)> state(std::vector<Key> keys, Held reservation) {
    return [=](Scene& s) { s.state(keys, reservation); };
}

}  // namespace

std::vector<Interrupted> interrupted_commands() {
    const auto b = std::make_shared<PortIdentity>();  // known once the scene is there
    const auto last_path_holds_and_b_is_known = [b](Scene& s) {
        *b = s.identity_of(s.other);
        last_path_holds(s);
    };
    return {
        {"REGISTER(0,K)", [](Scene& s) { s.other.reg(0, J).good(); }, [](Nexus& n) { return n.reg(0, K); },
         state({K, J}, kNothing)},
        {"REGISTER AND IGNORE(0,K2), registered with K", both_registered,
         [](Nexus& n) { return n.reg_ignore(0, K2); }, state({K2, J}, kNothing)},
        {"REGISTER(K,K2) of the holder", last_path_holds, [](Nexus& n) { return n.reg(K, K2); },
         state({K2, J}, held(K2, 5))},
        {"REGISTER(K,0) of the holder", last_path_holds, [](Nexus& n) { return n.reg(K, 0); },
         state({J}, kNothing)},
        {"RESERVE 5", both_registered, [](Nexus& n) { return n.reserve(K, 5); }, state({K, J}, held(K, 5))},
        {"RELEASE 5", last_path_holds, [](Nexus& n) { return n.release(K, 5); }, state({K, J}, kNothing)},
        {"CLEAR", last_path_holds, [](Nexus& n) { return n.clear(K); }, state({}, kNothing)},
        {"PREEMPT(K,J,5), B holds", [](Scene& s) { other_holds(s, 5); },
         [](Nexus& n) { return n.preempt(K, J, 5); }, state({K}, held(K, 5))},
        {"PREEMPT(K,K,6), the last path holds 5", last_path_holds,
         [](Nexus& n) { return n.preempt(K, K, 6); }, state({K, J}, held(K, 6))},
        {"PREEMPT(K,K,5), B holds with K: a migration",
         [](Scene& s) {
             s.other.reg(0, K).good();
             s.other.reserve(K, 5).good();
             s.ours.reg(0, K).good();
         },
         [](Nexus& n) { return n.preempt(K, K, 5); }, state({K}, held(K, 5))},
        {"PREEMPT(K,K), nothing held", both_registered, [](Nexus& n) { return n.preempt(K, K, 5); },
         state({J}, kNothing)},
        {"PREEMPT(K,0,5), B holds 7", [](Scene& s) { other_holds(s, 7); },
         [](Nexus& n) { return n.preempt(K, 0, 5); }, state({K}, held(K, 5))},
        {"REGISTER AND MOVE(K,J) to B", last_path_holds_and_b_is_known,
         [b](Nexus& n) { return n.move(K, J, *b); }, state({K, J}, held(J, 5))},
        {"REGISTER AND MOVE(K,J) to B with UNREG", last_path_holds_and_b_is_known,
         [b](Nexus& n) { return n.move(K, J, *b, true); }, state({J}, held(J, 5))},
    };
}

}  // namespace prh::vm
