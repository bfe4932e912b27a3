// SPDX-License-Identifier: MIT
// The persistent reservations of one logical unit as SPC-4 clause 5.13 defines them: a value that executes
// PERSISTENT RESERVE IN and OUT and does no I/O. Copy it, run a command on the copy, make the outcome durable
// and assign the copy: that is how APTPL is kept.
//
// What always holds: a holder is registered; a reservation of an all-registrants type has at least one
// registrant; a command that does not end GOOD changes nothing, except that a unit attention that it reports
// is gone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "emul/aptpl_state.h"
#include "emul/nexus.h"
#include "emul/registrations.h"
#include "emul/unit_attentions.h"
#include "scsi/cdb.h"
#include "scsi/command_result.h"
#include "scsi/pr_in_data.h"
#include "scsi/pr_out_parameters.h"

namespace prh {

/// What does not change while a logical unit lives.
struct LogicalUnitTraits {
    /// Every key then fits the largest PERSISTENT RESERVE IN that the socket protocol carries: 8192 bytes,
    /// eight of them header.
    static constexpr std::size_t kDefaultMaximumRegistrations = 1023;

    std::vector<std::uint16_t> target_ports = {1};  ///< relative target port identifiers, distinct
    std::size_t maximum_registrations = kDefaultMaximumRegistrations;
    bool persists_through_power_loss = false;  ///< PTPL_C; without it APTPL is refused

    friend bool operator==(const LogicalUnitTraits&, const LogicalUnitTraits&) = default;
};

class LogicalUnit {
  public:
    /// A logical unit after power on, with what the loss of power left of it.
    explicit LogicalUnit(LogicalUnitTraits traits = {}, AptplState left = {});

    /// Executes one command of `nexus`, whose target port is one of the traits'. A pending unit attention is
    /// reported instead of executing it, whatever the command is.
    CommandResult execute(const Nexus& nexus, const Cdb& cdb, ConstBytes parameter_list,
                          MutableBytes data_in);

    /// Whether a medium access command of this nexus passes the reservation (SPC-4 table 66).
    bool allows_read(const Nexus& nexus) const;
    bool allows_write(const Nexus& nexus) const;

    /// What a loss of power in this moment would leave. Nothing at all where nothing is registered, so that
    /// whoever keeps it has nothing to keep.
    AptplState left_by_power_loss() const;

    const Registrations& registrations() const { return registrations_; }
    const std::optional<PersistentReservation>& reservation() const { return reservation_; }
    bool is_holder(const Nexus& nexus) const;
    std::uint32_t generation() const { return generation_; }
    bool aptpl() const { return aptpl_; }
    friend bool operator==(const LogicalUnit&, const LogicalUnit&) = default;

  private:
    // logical_unit.cc
    CommandResult report(const Cdb& cdb, MutableBytes data_in) const;
    CommandResult change(const Nexus& sender, const Cdb& cdb, ConstBytes parameter_list);
    ReadKeysData keys() const;
    ReadReservationData held() const;
    ReportCapabilitiesData capabilities() const;
    ReadFullStatusData full_status() const;

    // registering.cc
    CommandResult register_key(const Nexus& sender, const PrOutParameters& parameters, bool ignore_existing);
    CommandResult register_and_move(const Nexus& sender, const RegisterAndMoveParameters& parameters);
    bool has_room_for(std::size_t more) const;
    void unregister(const std::vector<Nexus>& leaving, const Nexus& sender);

    // reserving.cc
    CommandResult reserve(const Nexus& sender, std::optional<ReservationType> type);
    CommandResult release(const Nexus& sender, std::optional<ReservationType> type);

    // preempting.cc
    CommandResult clear(const Nexus& sender);
    CommandResult preempt(const Nexus& sender, std::optional<ReservationType> type, ReservationKey victim);
    CommandResult preempt_reservation(const Nexus& sender, ReservationType type, ReservationKey victim);
    CommandResult remove_registrations(const Nexus& sender, ReservationKey victim);

    void attend_others(const Nexus& sender, SenseCode code);  ///< every registered nexus but the sender
    void attend(const std::vector<Nexus>& nexuses, const Nexus& except, SenseCode code);

    LogicalUnitTraits traits_;
    Registrations registrations_;
    std::optional<PersistentReservation> reservation_;
    UnitAttentions attentions_;
    std::uint32_t generation_ = 0;
    bool aptpl_ = false;
};

}  // namespace prh
