// SPDX-License-Identifier: MIT
#include "diagnose/validation_fault.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "diagnose/validation_steps.h"
#include "scsi/names.h"

namespace prh::ctl {
namespace {

constexpr auto kGood = ScsiStatus::Good;
constexpr auto kConflict = ScsiStatus::ReservationConflict;

Finding found(Fault fault, std::string words) { return {fault, std::move(words)}; }

std::string seen(const Due& due, const CommandResult& result) {
    return due.status == kGood
               ? fmt::format("{}: {}", due.command, to_string(result))
               : fmt::format("{}: {}, where {} is due", due.command, to_string(result), name(due.status));
}

std::string feature_of(const Due& due) {
    return fmt::format("{}{}", due.command, due.aptpl ? " with APTPL" : "");
}

std::string failed_paths(const WayFacts& way) {
    if (way.failed.empty()) return "";
    return fmt::format(" ({} of {} paths do not answer: {})", way.failed.size(), way.paths.size(),
                       fmt::join(way.failed, ", "));
}

Finding of_illegal_request(const Due& due, const CommandResult& result, const WayFacts& way) {
    const bool opcode = result.sense.code() == sense::kInvalidOpcode;
    if (!way.whole)
        return found(Fault::Helper, seen(due, result) +
                                        ": a helper serves whole logical units, and this is a part "
                                        "of one, or several: name the whole disk");
    if (opcode && !way.answered)
        return found(Fault::Array,
                     seen(due, result) +
                         ": the array has no persistent reservations, or they are switched off there; "
                         "unless the helper's log says that it refuses the device "
                         "(--allow-device, --multipath=off)");
    return found(Fault::Array,
                 fmt::format("{}: the array does not support {}", seen(due, result), feature_of(due)));
}

Finding of_aborted_command(const Due& due, const CommandResult& result, const WayFacts& way) {
    if (result.sense.code() == sense::kIoProcessTerminated && way.failed.empty())
        return found(Fault::Helper, seen(due, result) +
                                        ": the helper could not send it: it lacks CAP_SYS_RAWIO, or "
                                        "the device is no SCSI disk; see its log");
    return found(Fault::Path,
                 seen(due, result) + failed_paths(way) +
                     ": the command did not reach the disk, or its answer was lost; see the kernel's "
                     "log for the HBA, the switch, the session");
}

Finding of_not_ready(const Due& due, const CommandResult& result, SenseCode code) {
    constexpr std::uint8_t kNotReadyAsc = 0x04, kStandby = 0x0B, kUnavailable = 0x0C;
    constexpr std::uint8_t kCommunicationAsc = 0x08;
    if (code.asc == kNotReadyAsc && (code.ascq == kStandby || code.ascq == kUnavailable))
        return found(Fault::Path, seen(due, result) +
                                      ": the target port is in standby or not available (ALUA): name "
                                      "an active path");
    if (code.asc == kCommunicationAsc)
        return found(Fault::Array,
                     seen(due, result) +
                         ": an array that says so is ready, and refuses; Linux's target (LIO) does so "
                         "where it cannot write /var/target/pr");
    return found(Fault::Array, seen(due, result) + ": the array is not ready");
}

Finding of_check_condition(const Due& due, const CommandResult& result, const WayFacts& way) {
    const std::optional<SenseCode> code = result.sense.code();
    if (!code) return found(Fault::Array, seen(due, result) + ": without sense data that can be understood");
    switch (code->key) {
        case SenseKey::IllegalRequest: return of_illegal_request(due, result, way);
        case SenseKey::AbortedCommand: return of_aborted_command(due, result, way);
        case SenseKey::NotReady: return of_not_ready(due, result, *code);
        case SenseKey::HardwareError:
            if (!way.failed.empty()) return found(Fault::Path, seen(due, result) + failed_paths(way));
            return found(Fault::Array, seen(due, result) +
                                           ": the array reports a failure of its own; unless the disk "
                                           "is gone from this host (see the kernel's log)");
        case SenseKey::UnitAttention:
            return found(Fault::Array,
                         seen(due, result) + ": one unit attention after the other, without end");
        default: return found(Fault::Array, seen(due, result));
    }
}

Finding of_conflict(const Due& due, const CommandResult& result) {
    if (due.introduces_second)
        return found(Fault::SecondNode,
                     seen(due, result) +
                         ": the array takes both nodes for one: --second leads there through the same "
                         "I_T nexus; name a disk of another HBA, target port or session");
    return found(Fault::Array, seen(due, result) +
                                   ": nobody else is registered, and nobody has changed anything "
                                   "meanwhile; unless another host has the disk with RESERVE of "
                                   "SPC-2, or the helper runs with --shared-nexus=deny");
}

/// A key that is nobody's of this run.
std::optional<ReservationKey> stranger(const Due& due, const DiskState& state) {
    for (const ReservationKey key : state.keys)
        if (std::find(due.ours.begin(), due.ours.end(), key) == due.ours.end()) return key;
    return std::nullopt;
}

/// Somebody else's doing, if there is a sign of it. `steps`: by how much our own command counts at most.
std::optional<Finding> interference(const Due& due, const DiskState& before, const DiskState& after,
                                    const WayFacts& way, std::uint32_t steps) {
    if (const auto key = stranger(due, after))
        return found(
            Fault::AnotherHost,
            fmt::format("{}: meanwhile key {} was registered, which is none of this run: somebody else uses "
                        "the disk",
                        due.command, to_string(*key)));
    // A map's helper sends as many commands as it needs to.
    if (!way.multipath && after.generation - before.generation > steps)
        return found(Fault::AnotherHost,
                     fmt::format("{}: PRGENERATION went from {:#x} to {:#x}, and this run has sent "
                                 "too little for that: somebody else uses the disk",
                                 due.command, before.generation, after.generation));
    return std::nullopt;
}

std::size_t count(const DiskState& state, ReservationKey key) {
    return static_cast<std::size_t>(std::count(state.keys.begin(), state.keys.end(), key));
}

std::optional<Finding> of_too_few(const Due& due, ReservationKey key, std::size_t wanted, std::size_t there,
                                  const WayFacts& way) {
    if (there == 0 && due.seen_by_other && !due.same_unit)
        return found(
            Fault::SecondNode,
            fmt::format("{}: key {} is registered, and the other node does not see it: --second is another "
                        "logical unit",
                        due.command, to_string(key)));
    if (there == 0 && due.seen_by_other)
        return found(Fault::Array,
                     fmt::format("{}: key {} is registered, and the other node does not see it, although "
                                 "both have the same WWID: the target ports do not share registrations",
                                 due.command, to_string(key)));
    if (there == 0)
        return found(Fault::Array, fmt::format("{}: {}, but key {} is not registered", due.command,
                                               name(due.status), to_string(key)));
    const std::string words = fmt::format("{}: key {} is registered through {} of {} paths", due.command,
                                          to_string(key), there, wanted);
    if (!way.failed.empty()) return found(Fault::Path, words + failed_paths(way));
    if (!way.multipath) return found(Fault::Array, words);
    return found(
        Fault::Multipathd,
        words +
            ": every path answers, so one came back without its registration: multipathd gives it back "
            "with 'reservation_key file' in /etc/multipath.conf");
}

std::string in_words(const std::optional<HeldReservation>& held) {
    if (!held) return "no reservation is held";
    return fmt::format("key {} holds a reservation of type {}", to_string(held->key), held->type);
}

std::optional<Finding> of_holder(const Due& due, const DiskState& state) {
    const bool as_due = due.holder ? state.held && state.held->key == *due.holder &&
                                         reservation_type(state.held->type) == kClusterType
                                   : !state.held;
    if (as_due) return std::nullopt;
    return found(Fault::Array,
                 fmt::format("{}: {}, but {}, where {}", due.command, name(due.status), in_words(state.held),
                             due.holder ? fmt::format("key {} must hold one of type {}",
                                                      to_string(*due.holder), static_cast<int>(kClusterType))
                                        : "none must be"));
}

std::optional<Finding> of_keys(const Due& due, const DiskState& state, const WayFacts& way) {
    for (const auto& [key, wanted] : due.keys)
        if (const std::size_t there = count(state, key); there < wanted)
            return of_too_few(due, key, wanted, there, way);
        else if (there > wanted)
            return found(Fault::Array,
                         fmt::format("{}: key {} is registered {} times, and was registered through {} "
                                     "paths: the array shares registrations between target ports",
                                     due.command, to_string(key), there, wanted));
    for (const ReservationKey key : due.ours)
        if (!due.keys.contains(key) && count(state, key) > 0)
            return found(Fault::Array, fmt::format("{}: {}, but key {} is registered", due.command,
                                                   name(due.status), to_string(key)));
    return std::nullopt;
}

}  // namespace

std::string_view name(Fault fault) {
    switch (fault) {
        case Fault::Array: return "array";
        case Fault::Path: return "path";
        case Fault::Multipathd: return "multipathd";
        case Fault::Helper: return "helper";
        case Fault::AnotherHost: return "another host";
        case Fault::SecondNode: return "second node";
    }
    return "?";
}

std::optional<Finding> judge_result(const Due& due, const CommandResult& result, const WayFacts& way) {
    if (result.status == due.status) return std::nullopt;
    switch (result.status) {
        case ScsiStatus::Good:
            return found(Fault::Array,
                         seen(due, result) + ": the array does not keep out whom it must keep out");
        case ScsiStatus::CheckCondition: return of_check_condition(due, result, way);
        case ScsiStatus::ReservationConflict: return of_conflict(due, result);
        case ScsiStatus::Busy:
            return found(Fault::Helper, seen(due, result) +
                                            ", again and again: the helper is at its limits "
                                            "('prhelperctl status' counts that), or the array is");
        case ScsiStatus::TaskAborted:
            return found(Fault::AnotherHost,
                         seen(due, result) + ": another initiator has aborted the command");
        case ScsiStatus::TaskSetFull:
        case ScsiStatus::ConditionMet:
        case ScsiStatus::AcaActive: break;
    }
    return found(Fault::Array, seen(due, result));
}

std::optional<Finding> judge_result(const Due& due, const CommandResult& result, const WayFacts& way,
                                    const DiskState& before, const DiskState& after) {
    auto finding = judge_result(due, result, way);
    const bool may_be_anothers_doing = result.status == kConflict || result.status == kGood;
    if (!finding || !may_be_anothers_doing) return finding;
    const std::uint32_t own = result.status == kGood ? 1 : 0;
    if (auto other = interference(due, before, after, way, own)) return other;
    return finding;
}

std::optional<Finding> judge_state(const Due& due, const DiskState& before, const DiskState& after,
                                   const WayFacts& way) {
    auto finding = of_keys(due, after, way);
    if (!finding) finding = of_holder(due, after);
    const bool has_stranger = stranger(due, after).has_value();
    if (!finding && !has_stranger) return std::nullopt;
    if (finding && finding->fault == Fault::SecondNode && !has_stranger) return finding;
    if (auto other = interference(due, before, after, way, due.status == kGood ? 1 : 0)) return other;
    return finding;
}

std::optional<Finding> judge_multipathd(const MultipathdAnswerSeen& seen, ReservationKey key) {
    if (!seen.answers)
        return found(
            Fault::Multipathd,
            fmt::format(
                "multipathd does not answer ({}): a path that comes back may be used before the helper has "
                "registered it, and writes through it fail for that moment",
                seen.trouble));
    if (seen.key == key) return std::nullopt;
    return found(
        Fault::Multipathd,
        fmt::format(
            "multipathd {}, so it cannot register a path that comes back: put 'reservation_key file' "
            "into the defaults section of /etc/multipath.conf and run 'multipathd reconfigure'; "
            "see the helper's log too",
            seen.key ? fmt::format("has key {} for this map and not {}", to_string(*seen.key), to_string(key))
                     : std::string("knows no key of this map")));
}

}  // namespace prh::ctl
