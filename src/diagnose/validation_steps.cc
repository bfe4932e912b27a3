// SPDX-License-Identifier: MIT
#include "diagnose/validation_steps.h"

#include "scsi/names.h"

namespace prh::ctl {
namespace {

constexpr unsigned kBoth = kWindowsCluster | kFenceScsi;
constexpr unsigned kNobody = 0;  // worth knowing, and no cluster fails without
constexpr auto kGood = ScsiStatus::Good;
constexpr auto kConflict = ScsiStatus::ReservationConflict;

using enum PrOutAction;
using enum Question;
using enum Node;
using Key = KeyName;
constexpr Key none = Key::None, A = Key::First, A2 = Key::Changed, B = Key::Second;

constexpr Step kReading[] = {
    {"read", "keys and reservation can be read", kBoth, First, State},
    {"type", "the array has type 5, Write Exclusive, registrants only", kBoth, First, Capabilities},
};

constexpr Step kRegistering[] = {
    {"register", "a node registers", kWindowsCluster, First, Register, none, A, kGood, A},
    {"full-status", "READ FULL STATUS tells whose key it is", kNobody, First, FullStatus, none, none, kGood,
     A},
    {"multipathd", "multipathd will register a path that comes back", kBoth, First, MultipathdKey, none, none,
     kGood, A},
    {"wrong-key", "who names a wrong key is refused", kWindowsCluster, First, Register, A2, B, kConflict, A},
    {"change-key", "a node changes its key", kWindowsCluster, First, Register, A, A2, kGood, A2},
    {"register-ignore", "a node registers whatever it was registered with", kBoth, First,
     RegisterAndIgnoreExistingKey, none, A, kGood, A},
    {"unregister", "a node unregisters", kBoth, First, Register, A, none, kGood},
};

constexpr Step kReserving[] = {
    {"reserving-register", "a node registers again", kBoth, First, RegisterAndIgnoreExistingKey, none, A,
     kGood, A},
    {"reserve", "it reserves with type 5", kBoth, First, Reserve, A, none, kGood, A, none, A},
    {"reserve-again", "the holder may reserve again", kWindowsCluster, First, Reserve, A, none, kGood, A,
     none, A},
    {"release", "it releases", kWindowsCluster, First, Release, A, none, kGood, A},
    {"reserve-anew", "and reserves anew", kWindowsCluster, First, Reserve, A, none, kGood, A, none, A},
    {"clear", "CLEAR removes reservation and registration", kWindowsCluster, First, Clear, A, none, kGood},
};

constexpr Step kPowerLoss[] = {
    {"aptpl", "a node registers for beyond a loss of power", kBoth, First, RegisterAndIgnoreExistingKey, none,
     A, kGood, A, none, none, true},
    {"aptpl-active", "the array says that it keeps that (PTPL_A)", kBoth, First, AptplActive, none, none,
     kGood, A},
    {"aptpl-reserve", "it reserves", kBoth, First, Reserve, A, none, kGood, A, none, A},
    {"aptpl-unregister", "the holder unregisters, and its reservation ends", kBoth, First, Register, A, none,
     kGood},
};

constexpr Step kTwoNodes[] = {
    {"first-registers", "the first node registers", kBoth, First, RegisterAndIgnoreExistingKey, none, A,
     kGood, A},
    {"second-registers", "the second node registers too", kBoth, Second, Register, none, B, kGood, A, B, none,
     false, true},
    {"first-reserves", "the first node reserves, and the second one sees it", kBoth, First, Reserve, A, none,
     kGood, A, B, A},
    {"second-refused", "the second node may not reserve", kBoth, Second, Reserve, B, none, kConflict, A, B,
     A},
    {"second-releases", "what it does not hold it cannot release", kWindowsCluster, Second, Release, B, none,
     kGood, A, B, A},
    {"second-leaves", "the second node unregisters", kBoth, Second, Register, B, none, kGood, A, none, A},
    {"outsider-refused", "who is not registered may not reserve", kBoth, Second, Reserve, B, none, kConflict,
     A, none, A},
    {"second-returns", "the second node registers again", kBoth, Second, RegisterAndIgnoreExistingKey, none,
     B, kGood, A, B, A},
    {"preempt", "it preempts the first one, and holds", kWindowsCluster, Second, Preempt, B, A, kGood, none,
     B, B},
    {"fenced", "the first node is shut out", kBoth, First, Reserve, A, none, kConflict, none, B, B},
    {"first-returns", "the first node registers again", kBoth, First, RegisterAndIgnoreExistingKey, none, A,
     kGood, A, B, B},
    {"preempt-back", "it preempts the second one, and holds", kWindowsCluster, First, Preempt, A, B, kGood, A,
     none, A},
    {"holder-leaves", "the holder unregisters, and its reservation ends", kBoth, First, Register, A, none,
     kGood},
};

constexpr Step kSameKey[] = {
    {"same-key-first", "the first node registers", kWindowsCluster, First, RegisterAndIgnoreExistingKey, none,
     A, kGood, A},
    {"same-key-second", "the second node registers the same key", kWindowsCluster, Second,
     RegisterAndIgnoreExistingKey, none, A, kGood, A, A},
    {"same-key-leaves", "it unregisters, and the first one stays", kWindowsCluster, Second, Register, A, none,
     kGood, A},
    {"same-key-ends", "the first node unregisters", kWindowsCluster, First, Register, A, none, kGood},
};

constexpr Step kAborting[] = {
    {"abort-first", "the first node registers", kFenceScsi, First, RegisterAndIgnoreExistingKey, none, A,
     kGood, A},
    {"abort-second", "the second node registers", kFenceScsi, Second, RegisterAndIgnoreExistingKey, none, B,
     kGood, A, B},
    {"abort-reserve", "the first node reserves", kFenceScsi, First, Reserve, A, none, kGood, A, B, A},
    {"preempt-abort", "the second one fences it with PREEMPT AND ABORT, and holds", kFenceScsi, Second,
     PreemptAndAbort, B, A, kGood, none, B, B},
    {"abort-fenced", "the first node is shut out", kFenceScsi, First, Reserve, A, none, kConflict, none, B,
     B},
    {"abort-clear", "the second node clears", kFenceScsi, Second, Clear, B, none, kGood},
};

constexpr Scene kScenes[] = {
    {"reading", "What the disk says", false, false, false, kReading},
    {"registering", "Registering", false, false, false, kRegistering},
    {"reserving", "Reserving", false, false, false, kReserving},
    {"power-loss", "Registering for beyond a loss of power (APTPL)", false, true, false, kPowerLoss},
    {"two-nodes", "Two nodes", true, false, false, kTwoNodes},
    {"same-key", "Two nodes with the same key", true, false, false, kSameKey},
    {"preempt-abort", "Fencing with PREEMPT AND ABORT", true, false, true, kAborting},
};

}  // namespace

std::span<const Scene> scenes() { return kScenes; }

std::string_view command_name(const Step& step) {
    if (const auto* action = std::get_if<PrOutAction>(&step.what)) return name(*action);
    switch (std::get<Question>(step.what)) {
        case State: return name(PrInAction::ReadKeys);
        case Capabilities:
        case AptplActive: return name(PrInAction::ReportCapabilities);
        case FullStatus: return name(PrInAction::ReadFullStatus);
        case MultipathdKey: return "getprkey of multipathd";
    }
    return "?";
}

}  // namespace prh::ctl
