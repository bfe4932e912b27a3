// SPDX-License-Identifier: MIT
// Rows that only a map of several paths has, or that it has in more than one way: the same commands,
// whichever path is the one that holds, and what a path may have from before.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "vm/scene.h"

namespace prh::vm {
namespace {

/// All paths are registered, and reserved is down this one: what happened before the helper was started, say.
void holds(Scene& s, Nexus& path, unsigned type) {
    s.clean();
    s.ours.reg(0, K).good();
    path.reserve(K, type).good();
}

std::function<void(Scene&)> whichever_holds(std::function<void(Scene&)> play, unsigned type = 5) {
    return [play = std::move(play), type](Scene& s) {
        for (const auto& path : s.paths()) {
            try {
                holds(s, *path, type);
                play(s);
            } catch (const RowFailure& failure) {
                throw RowFailure(path->name() + " holds: " + failure.what());
            }
        }
    };
}

/// What the write of a guest comes to: 0, or the errno of the map.
int write_through(Scene& s) {
    constexpr std::size_t kBlock = 4096;
    const int descriptor = ::open(s.options().ours.c_str(), O_WRONLY | O_DIRECT | O_CLOEXEC);
    void* const block = std::aligned_alloc(kBlock, kBlock);
    std::fill_n(static_cast<char*>(block), kBlock, '\0');
    int error = 0;
    for (std::size_t i = 0; i < 4 * s.path_count() && error == 0; ++i)  // in turns: each path is met
        if (::pwrite(descriptor, block, kBlock, 0) < 0) error = errno;
    std::free(block);
    ::close(descriptor);
    return error;
}

void stale_key(Scene& s) {
    for (const auto& path : s.paths()) {
        s.clean();
        path->reg(0, kWrongKey).good();
        s.ours.reg(0, K).good();
        s.state({K}, kNothing);
    }
}

void preempted(Scene& s) {
    s.ours.reg(0, K).good();
    s.other.reg(0, J).good();
    s.ours.reserve(K, 6).good();
    s.other.preempt(J, K, 6).good();
    s.ours.attention(kRegistrationsPreempted);
    s.ours.reserve(K, 6).gives(kConflict);
    s.ours.preempt(K, K, 6).gives(kConflict);
    s.ours.preempt(K, J, 6).gives(kConflict);
    s.state({J}, held(J, 6));
    if (write_through(s) != EBADE) throw RowFailure("a write through the map does not end with EBADE");
    s.ours.reg_ignore(0, K).good();
    if (write_through(s) != 0) throw RowFailure("registered again, a write through the map fails");
    s.state({K, J}, held(J, 6));
}

}  // namespace

Rows path_rows() {
    return {
        {10, "a stale key on one path; REGISTER(0,K) -> GOOD, K down each", stale_key, Needs::kPaths},
        {22, "whichever path holds: RESERVE 5 -> GOOD, RESERVE 6 -> CONFLICT", whichever_holds([](Scene& s) {
             s.ours.reserve(K, 5).good();
             s.ours.reserve(K, 6).gives(kConflict);
             s.state({K}, held(K, 5));
         }),
         Needs::kPaths},
        {26, "whichever path holds: RELEASE 5 -> GOOD, B sees 06/2A/04, our paths nothing",
         whichever_holds([](Scene& s) {
             s.other.reg(0, J).good();
             s.ours.release(K, 5).good();
             s.other.attention(kReservationsReleased);
             s.ours.no_attention();
             s.state({K, J}, kNothing);
         }),
         Needs::kPaths},
        {27, "whichever path holds: RELEASE of type 1, with a wrong key -> refused",
         whichever_holds([](Scene& s) {
             s.ours.release(K, 1).gives(kInvalidRelease);
             s.ours.release(kWrongKey, 5).gives(kConflict);
             s.state({K}, held(K, 5));
         }),
         Needs::kPaths},
        {40, "preempted by B -> 06/2A/05 once, CONFLICT, EBADE; registered again, writes go through",
         preempted, Needs::kPaths},
        {44, "whichever path holds: PREEMPT(K,K,5) -> GOOD, nothing changes", whichever_holds([](Scene& s) {
             s.ours.preempt(K, K, 5).good();
             s.ours.no_attention();
             s.state({K}, held(K, 5));
         }),
         Needs::kPaths},
        {45, "whichever path holds: PREEMPT(K,K,6) -> GOOD, type 6; B sees 06/2A/04, our paths nothing",
         whichever_holds([](Scene& s) {
             s.other.reg(0, J).good();
             s.ours.preempt(K, K, 6).good();
             s.other.attention(kReservationsReleased);
             s.ours.no_attention();
             s.state({K, J}, held(K, 6));
         }),
         Needs::kPaths},
        {46, "B reg, nothing held; PREEMPT(K,K) -> GOOD, only B is left",
         [](Scene& s) {
             s.ours.reg(0, K).good();
             s.other.reg(0, J).good();
             s.ours.preempt(K, K, 5).good();
             s.state({J}, kNothing);
         },
         Needs::kPaths},
        {48, "whichever path holds: PREEMPT(K,K) of type 0, of scope 1 -> refused, nothing changes",
         whichever_holds([](Scene& s) {
             s.ours.preempt(K, K, 0).gives(kInvalidFieldInCdb);
             s.state({K}, held(K, 5));
             s.ours.preempt(K, K, 5, 1).gives(kBadScope);
             s.state({K}, held(K, 5));
         }),
         Needs::kPaths},
        {51, "whichever path holds: REGISTER(K,0) -> GOOD, released, B sees 06/2A/04",
         whichever_holds([](Scene& s) {
             s.other.reg(0, J).good();
             s.ours.reg(K, 0).good();
             s.other.attention(kReservationsReleased);
             s.state({J}, kNothing);
         }),
         Needs::kPaths},
        {51, "whichever path holds: REGISTER(K,K2) -> GOOD, held with K2", whichever_holds([](Scene& s) {
             s.ours.reg(K, K2).good();
             s.state({K2}, held(K2, 5));
         }),
         Needs::kPaths},
        {65, "whichever path holds: REGISTER AND MOVE to B -> GOOD, K stays", whichever_holds([](Scene& s) {
             s.other.reg(0, J).good();
             PortIdentity them;
             for (const Registrant& registrant : full_status(s.ours))
                 if (registrant.key == J) them = registrant.identity();
             s.other.reg(J, 0).good();
             s.ours.move(K, J, them).good();
             s.state({K, J}, held(J, 5));
         }),
         Needs::kPaths},
    };
}

}  // namespace prh::vm
