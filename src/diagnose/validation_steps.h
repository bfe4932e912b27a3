// SPDX-License-Identifier: MIT
// What clusters need of a shared disk, as a table: what is sent, by whom, what must come of it, what the disk
// must say afterwards, and who needs that. Pure.
//
// What always holds: a scene begins and ends with nobody registered, so each stands by itself; its steps
// build on one another.
#pragma once

#include <span>
#include <string_view>
#include <variant>

#include "scsi/reservation.h"
#include "scsi/status.h"

namespace prh::ctl {

/// Who needs a step, as bits.
constexpr unsigned kWindowsCluster = 1;
constexpr unsigned kFenceScsi = 2;

/// The two nodes of the cluster that is played: initiators with a nexus each (of a map: one for each path).
enum class Node { First, Second };

/// The keys of a run, by what they are for. All are random: nobody else has one of them.
enum class KeyName { None, First, Changed, Second };

constexpr ReservationType kClusterType = ReservationType::WriteExclusiveRegistrantsOnly;

/// What is asked without changing anything.
enum class Question {
    State,          ///< keys and reservation, which follow every other step too
    Capabilities,   ///< does the array have the type?
    FullStatus,     ///< does READ FULL STATUS agree with READ KEYS?
    AptplActive,    ///< PTPL_A
    MultipathdKey,  ///< will multipathd register a path that comes back? Of multipath maps alone
};

struct Step {
    std::string_view name;   ///< for programs; stays
    std::string_view title;  ///< what a person calls it
    unsigned users = 0;
    Node sender = Node::First;
    std::variant<PrOutAction, Question> what = Question::State;
    KeyName key = KeyName::None;      ///< RESERVATION KEY
    KeyName new_key = KeyName::None;  ///< SERVICE ACTION RESERVATION KEY
    ScsiStatus due = ScsiStatus::Good;
    /// Afterwards: who is registered with what, and who holds a reservation of kClusterType.
    KeyName first_has = KeyName::None;
    KeyName second_has = KeyName::None;
    KeyName holder = KeyName::None;
    bool aptpl = false;
    bool introduces_second = false;  ///< proves that the second node is one
};

struct Scene {
    std::string_view name;
    std::string_view title;
    bool two_nodes = false;
    bool persists = false;  ///< is about APTPL
    bool aborts = false;    ///< has PREEMPT AND ABORT
    std::span<const Step> steps;
};

std::span<const Scene> scenes();

/// "REGISTER", "REPORT CAPABILITIES": what a step sends; of multipathd, what it is asked.
std::string_view command_name(const Step& step);

}  // namespace prh::ctl
