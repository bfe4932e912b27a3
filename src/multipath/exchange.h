// SPDX-License-Identifier: MIT
// The commands of one request of a guest: what each answer means, which paths are still good, what is worth
// repeating. Pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "multipath/paths.h"
#include "scsi/pr_in_data.h"
#include "scsi/reservation.h"

namespace prh {

/// What an answer means for what is to be done next.
enum class Outcome {
    Good,
    Conflict,       ///< RESERVATION CONFLICT: not registered, another key, or another's reservation
    NotRegistered,  ///< 02/08/00, which Linux's target answers to whom it does not know
    Attention,      ///< a unit attention: the command was not executed
    Busy,           ///< not executed now, and not after several attempts either
    Refused,        ///< any other answer of the logical unit: it is the guest's
    Lost,           ///< no answer: executed or not; the path is not used again in this request
};

struct Answer {
    std::size_t path = 0;
    Outcome outcome = Outcome::Lost;
    CommandResult result;

    bool good() const { return outcome == Outcome::Good; }
    /// The nexus is not (or not as it claims) registered: another path may be.
    bool unknown_here() const { return outcome == Outcome::Conflict || outcome == Outcome::NotRegistered; }
};

Outcome outcome_of(const PathAnswer& answer);

/// A PERSISTENT RESERVE OUT with a parameter list of its own.
struct OutCommand {
    Cdb cdb;
    std::vector<std::uint8_t> list;

    PathCommand command() const { return {cdb, list, {}}; }
};

class Exchange {
  public:
    /// `preferred`: the path to begin with, if it is usable.
    Exchange(Paths& paths, std::size_t preferred);

    /// The paths that are good, the preferred one first. If the kernel calls none usable, all of them.
    std::vector<std::size_t> good_paths() const;
    const std::vector<std::size_t>& lost() const { return lost_; }
    /// It did not answer just now: as if a command had been lost there.
    void avoid(std::size_t path) { lose(path); }
    void prefer(std::size_t path) { preferred_ = path; }
    std::size_t preferred() const { return preferred_; }

    /// The unit attention that a command of this request met last by which another host's PREEMPT or CLEAR is
    /// told.
    const std::optional<CommandResult>& preemption() const { return preemption_; }

    /// Sends until there is an answer that is neither a unit attention nor "busy", within reason.
    Answer send(std::size_t path, const PathCommand& command);
    /// A command of this request was told so there.
    bool was_preempted(std::size_t path) const;
    const std::vector<std::size_t>& preempted_paths() const { return preempted_; }
    /// The same, but a unit attention is an answer: the guest is to see it.
    Answer send_for_guest(std::size_t path, const PathCommand& command);
    /// To all of `paths` at the same time; the answers in their order.
    std::vector<Answer> send_to_all(std::span<const std::size_t> paths, const PathCommand& command);
    std::vector<Answer> send_each(std::span<const Sending> sendings);

    /// Whether a path that was lost answers now; it is good again then.
    bool revive(std::size_t path);
    /// Takes the unit attentions away that our own command raised on our other paths: the guest, for which
    /// there is one path, is not to hear of its own doing.
    void drain(std::size_t except);
    /// The same for one path alone.
    void quieten(std::size_t path);
    /// The guest has seen a unit attention on `except`: each of the other paths, which has it too, loses one.
    void drain_once(std::size_t except);

    /// Nothing if no path tells, or if it does not fit 8192 bytes.
    std::optional<std::vector<ReservationKey>> read_keys();
    std::optional<std::vector<FullStatusDescriptor>> read_full_status();
    /// The outer optional: whether any path tells.
    std::optional<std::optional<HeldReservation>> read_reservation();
    /// PTPL_A of REPORT CAPABILITIES: whether registrations survive a loss of power.
    std::optional<bool> read_persistence();

  private:
    Answer settle(std::size_t path, const PathCommand& command, PathAnswer answer, bool show_attention);
    void lose(std::size_t path);
    void note_preemption(std::size_t path, const CommandResult& attention);
    std::vector<std::size_t> attentive(std::span<const std::size_t> paths);
    std::vector<std::uint8_t> read(PrInAction action, std::size_t length);

    Paths& paths_;
    std::size_t preferred_;
    std::vector<std::size_t> lost_;
    std::optional<CommandResult> preemption_;
    std::vector<std::size_t> preempted_;
};

}  // namespace prh
