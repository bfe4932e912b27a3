// SPDX-License-Identifier: MIT
// Persistent reservations of a logical unit that is reached through several paths, so that the guest sees one
// I_T nexus where there are many. Pure: it knows paths, multipathd and the record of the map as interfaces.
//
// What it keeps, whatever fails: no usable path is left without the registration that the guest has; no
// registration and no reservation of another host is touched but by the guest's own PREEMPT and CLEAR; what
// was interrupted is completed or undone by the next request, also by another process.
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

    /// One request of a guest, for PERSISTENT RESERVE IN or OUT. One at a time: the caller sees to that.
    /// result.data_length <= data_in.size().
    CommandResult execute(const Cdb& cdb, ConstBytes parameter_list, MutableBytes data_in);

    /// The guest lives on another host now, which has taken its key over: forgets the key on every path and
    /// in multipathd, and touches no reservation that another host holds.
    CommandResult clean_up();

  private:
    struct Request;

    // engine.cc
    CommandResult pass_in(Exchange& exchange, const Cdb& cdb, MutableBytes data_in);
    CommandResult change(Request& request);
    CommandResult dispatch(Request& request);
    Answer send_down_one(Request& request);
    void recover(Exchange& exchange);
    void recover_interrupted(Exchange& exchange);
    void miss_all();
    void reconcile(Exchange& exchange);
    void finish(Exchange& exchange);
    void take_in_newcomers();
    void save();
    bool take_exclusive_type(const Request& request);

    // registering.cc
    CommandResult register_key(Request& request, bool ignore_existing);
    std::optional<CommandResult> bring_siblings(Request& request, const std::vector<Answer>& tried,
                                                const OutCommand& command, std::vector<std::size_t>& reached);
    void undo_registering(Request& request, const std::vector<std::size_t>& registered,
                          ReservationKey before);
    void take_over_after_key_change(Request& request, std::size_t path, ReservationKey before);
    void adopt(Exchange& exchange, ReservationKey key);
    static CommandResult verdict_of(const std::vector<Answer>& tried);
    void tell_manager(const MapRecord& of);

    // unregistering.cc
    CommandResult unregister(Request& request, bool ignore_existing);
    std::optional<std::size_t> path_that_holds(Request& request, bool ignore_existing, bool& unknown);
    bool release_if_alone(Request& request, ReservationKey key);
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
    void restore_leftover(Exchange& exchange, const KeySwap::Swapped& left, ReservationKey to);
    void keep_persistence(Exchange& exchange);
    std::optional<std::size_t> path_named(const std::string& name) const;

    // ownership.cc
    void learn_ownership(Exchange& exchange, std::size_t registered);
    bool is_ours(const FullStatusDescriptor& registration) const;
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
    std::vector<std::string> seen_;  // the paths of the last request; another one is new
    bool loaded_ = false;            // the record has been read
    ReservationKey spare_key_;       // what the issuer of a swap carries if it gives its part away
    bool warned_of_type_ = false;
};

}  // namespace prh
