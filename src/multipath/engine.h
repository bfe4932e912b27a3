// SPDX-License-Identifier: MIT
// Persistent reservations of a logical unit that is reached through several paths, so that the guest sees one
// I_T nexus where there are many. Pure: it knows paths, multipathd and the record of the map as interfaces.
//
// What it keeps, whatever fails: no usable path is left without the registration that the guest has; no
// registration and no reservation of another host is touched but by the guest's own PREEMPT and CLEAR; what
// was interrupted is completed or undone by the next request, or the watch of paths, also by another process.
#pragma once

#include <functional>
#include <string_view>

#include "base/bytes.h"
#include "multipath/exchange.h"
#include "multipath/map_record.h"
#include "multipath/path_manager.h"
#include "multipath/paths.h"
#include "scsi/cdb.h"
#include "scsi/command_result.h"

namespace prh {

struct EnginePolicy {
    /// Types 1 and 3 (Write Exclusive, Exclusive Access) lock out every path but the one that holds. Refuse
    /// them (05/24/00) instead of warning.
    bool reject_exclusive_types = false;
};

/// What was seen of the paths of a map since it was tended last; by their names ("8:16").
struct PathNews {
    std::vector<std::string> unsure;  ///< new, or were away: multipathd may have registered them
    std::vector<std::string> silent;  ///< did not answer just now
    /// Nothing is known to have changed, and nothing was seen before: a path may have come since this
    /// engine's last request.
    bool is_first = false;
};

/// The world of an engine; everything outlives it.
struct EngineWorld {
    Paths& paths;
    PathManager& manager;
    RecordStore& store;
    /// 48 random bits for a temporary key; never twice the same.
    std::function<std::uint64_t()> random;
    /// One line that an administrator must read.
    std::function<void(std::string_view)> report;
};

class Engine {
  public:
    Engine(EngineWorld world, EnginePolicy policy);

    /// One request of a guest, for PERSISTENT RESERVE IN or OUT. One at a time: the caller sees to that;
    /// other engines over the same record wait. result.data_length <= data_in.size().
    CommandResult execute(const Cdb& cdb, ConstBytes parameter_list, MutableBytes data_in);

    /// The guest lives on another host now, which has taken its key over: forgets the key on every path and
    /// in multipathd, and touches no reservation that another host holds.
    CommandResult clean_up();

    enum class Tended {
        Done,
        Later,       ///< somebody else has the record now, or it cannot be read
        Unfinished,  ///< what was begun, or a path that answers, could not be brought into line
    };
    /// What a request would do before its own command, for a map with a record, as soon as its paths change:
    /// completes or undoes what was begun, brings paths into line, forgets a registration that another host
    /// has taken. Waits for no other process. What a path tells the guest meanwhile, the next request is
    /// told.
    Tended tend(const PathNews& news);

  private:
    struct Request;

    // engine.cc
    CommandResult pass_in(Exchange& exchange, const Cdb& cdb, MutableBytes data_in);
    CommandResult change(Request& request);
    CommandResult dispatch(Request& request);
    Answer send_down_one(Request& request);
    bool take_exclusive_type(const Request& request);

    // recovering.cc
    bool load();
    void recover(Exchange& exchange);
    void recover_interrupted(Exchange& exchange);
    bool reconcile(Exchange& exchange);
    void heed_preemption(Exchange& exchange);
    std::vector<std::string> find_newcomers();
    std::vector<std::size_t> unregistered_of(Exchange& exchange, const std::vector<std::size_t>& returned);
    void finish(Exchange& exchange);
    void take_in_newcomers();
    void miss_all();
    void save();

    // registering.cc
    CommandResult register_key(Request& request, bool ignore_existing);
    std::optional<CommandResult> bring_siblings(Request& request, const std::vector<Answer>& tried,
                                                const OutCommand& command, std::vector<std::size_t>& reached,
                                                std::optional<std::size_t> except = std::nullopt);
    bool reaches_every_path(const char* what);
    std::optional<CommandResult> follow(Request& request, Answer answer, std::vector<std::size_t>& reached);
    bool stayed_registered(Exchange& exchange, const std::vector<std::size_t>& registered,
                           ReservationKey key);
    CommandResult fenced(Exchange& exchange, const std::vector<std::size_t>& registered, ReservationKey key);
    void undo_registering(Request& request, const std::vector<std::size_t>& registered,
                          ReservationKey before);
    void adopt(Exchange& exchange, ReservationKey key);
    static CommandResult verdict_of(const std::vector<Answer>& tried);
    void tell_manager(const MapRecord& of);

    // unregistering.cc
    CommandResult unregister(Request& request, bool ignore_existing);
    std::optional<std::size_t> path_that_holds(Request& request, bool ignore_existing, bool& unknown);
    bool release_if_alone(Request& request, ReservationKey key);
    std::vector<std::size_t> paths_to_leave(Exchange& exchange, ReservationKey key);
    Answer leave_last(Request& request, std::size_t path, ReservationKey key, bool ignore_existing);
    bool others_have(Exchange& exchange, std::size_t path, ReservationKey key) const;
    void forget_registration();

    // reserving.cc
    CommandResult reserve(Request& request);
    CommandResult release(Request& request);
    CommandResult release_everywhere(Request& request, const HeldReservation& held);
    CommandResult clear(Request& request);
    CommandResult move(Request& request);
    void hold(bool holding);

    // preempting.cc
    CommandResult preempt(Request& request);
    CommandResult preempt_other(Request& request);
    CommandResult preempt_all(Request& request);
    CommandResult preempt_self_unheld(Request& request);
    CommandResult preempt_self(Request& request);

    // watching.cc
    bool has_unseen() const;
    void repeat_to_manager(Exchange& exchange);
    void heed_loss(Exchange& exchange, std::vector<std::size_t> witnesses);

    // key_swapping.cc
    struct Rekeying {
        std::size_t path;
        ReservationKey from, to;
    };
    std::vector<Answer> rekey(Exchange& exchange, const std::vector<Rekeying>& changes);
    Answer swap_and_preempt(Exchange& exchange, ReservationKey key, const PathCommand& preempt);
    std::optional<std::size_t> registered_path(Exchange& exchange, ReservationKey key);
    Answer swap_siblings(Exchange& exchange, ReservationKey key, std::size_t issuer,
                         std::vector<std::size_t>& outsiders);
    std::optional<std::size_t> find_issuer(Exchange& exchange, std::size_t issuer);
    Answer preempt_from(Exchange& exchange, std::size_t issuer, const PathCommand& preempt);
    void conclude_swap(Exchange& exchange, ReservationKey key, bool survived,
                       const std::vector<std::size_t>& outsiders);
    bool take_over(Exchange& exchange, const HeldReservation& held);
    void restore(Exchange& exchange, bool unregister);
    void restore_unless_fenced(Exchange& exchange, std::size_t witness);
    void restore_leftover(Exchange& exchange, const KeySwap::Swapped& left, ReservationKey to);
    void keep_persistence(Exchange& exchange);
    std::optional<std::size_t> path_named(const std::string& name) const;
    ReservationKey temporary_key();

    // stale_keys.cc
    bool remove_stale(Exchange& exchange, ReservationKey own, ReservationKey old);
    Answer unregister_last(Exchange& exchange, std::size_t path, ReservationKey key);
    void remember_stale(ReservationKey key);
    void forget_stale(ReservationKey key);
    bool replace_stale(Exchange& exchange, std::size_t path);
    void retry_stale(Exchange& exchange);

    // ownership.cc
    enum class KeyOwners { Nobody, Us, Others };  // Others: or it cannot be told
    KeyOwners owners_of(Exchange& exchange, ReservationKey key) const;
    std::optional<std::size_t> learn_ownership(Exchange& exchange, std::size_t registered);
    bool is_ours(const FullStatusDescriptor& registration) const;
    std::optional<std::size_t> path_of_holder(Exchange& exchange) const;
    std::optional<bool> holder_is_ours(Exchange& exchange, const HeldReservation& held) const;
    bool all_are_ours(Exchange& exchange, ReservationKey key) const;
    std::optional<bool> still_registered(Exchange& exchange) const;

    void miss_all_but(const std::vector<std::size_t>& reached);
    OutCommand registering(ReservationKey from, ReservationKey to) const;
    OutCommand registering_ignoring(ReservationKey to) const;
    static OutCommand reserving(ReservationKey key, std::uint8_t type);
    static OutCommand releasing(ReservationKey key, std::uint8_t type);
    static OutCommand preempting(ReservationKey key, ReservationKey victim, std::uint8_t type);

    EngineWorld world_;
    const EnginePolicy policy_;
    MapRecord record_;
    std::size_t preferred_ = 0;      // the path that answered last
    MapRecord kept_;                 // the record as the store has it, as far as is known
    std::string refused_for_;        // the paths out of reach that were reported last
    std::vector<std::string> seen_;  // the paths of this engine's last request; another one is new
    bool loaded_ = false;            // the record has been read
    ReservationKey spare_key_;       // what the issuer of a swap carries if it gives its part away
    bool warned_of_type_ = false;
    std::optional<CommandResult> owed_;  // a unit attention that no request has been told yet
};

}  // namespace prh
