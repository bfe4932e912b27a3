// SPDX-License-Identifier: MIT
// Faults that the engine once had. mutants.cmake puts them back into a copy of its sources, each behind this
// switch, and duels_test.cc shows that the simulation finds every one of them.
#pragma once

namespace prh::multipath {

enum class Mutant {
    kNone,
    kEndlessExchange,       ///< a path that does not take its key back is asked again for ever
    kUnreadableIsNone,      ///< a record that cannot be read now is taken for none
    kRecordReadOnce,        ///< helpers of one host neither wait for each other nor read what another did
    kNewProcessKnowsPaths,  ///< a new process takes every path for one that was there before
    kStaleKeyStays,         ///< the registration of a path that is away stays on the array
};

extern Mutant mutant;

}  // namespace prh::multipath
