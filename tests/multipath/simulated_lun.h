// SPDX-License-Identifier: MIT
// A logical unit as a target presents it: the pure model of SPC-4 beneath, and what a real target makes of it
// on top. One nexus per path of ours; every other nexus is a foreign host.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "emul/logical_unit.h"
#include "emul/nexus.h"
#include "scsi/cdb.h"
#include "scsi/command_result.h"

namespace prh::multipath {

enum class Dialect {
    kSpc,  ///< SPC-4 as the model has it
    kLio,  ///< Linux 6.1's target where it differs (tests/vm/quirks.h) and the engine could notice
};

/// What LIO says of a nexus that is not registered, and of an APTPL file that it cannot write.
inline constexpr SenseCode kLunCommunicationFailure{SenseKey::NotReady, 0x08, 0x00};

class SimulatedLun {
  public:
    SimulatedLun(Dialect dialect, std::vector<std::uint16_t> target_ports);

    /// PERSISTENT RESERVE IN, OUT and TEST UNIT READY.
    CommandResult execute(const Nexus& nexus, const Cdb& cdb, ConstBytes parameter_list,
                          MutableBytes data_in);

    bool allows_write(const Nexus& nexus) const;
    const LogicalUnit& unit() const { return unit_; }
    /// Unit attentions that wait for this nexus, as "6/2a/04 6/2a/05".
    std::string pending(const Nexus& nexus) const;

    /// RESERVE(6) and RELEASE(6) of a host that knows no other reservations.
    void reserve6(const Nexus& nexus) { spc2_holder_ = nexus; }
    void release6() { spc2_holder_.reset(); }
    /// LIO without /var/target/pr: REGISTER takes effect and is answered 02/08/00.
    void lose_aptpl_directory() { has_aptpl_directory_ = false; }
    /// LIO takes only TransportIDs of initiators that it knows.
    void know(const TransportId& initiator) { known_.insert(initiator); }

  private:
    CommandResult as_lio(const Nexus& nexus, const Cdb& cdb, ConstBytes list, MutableBytes data_in);
    CommandResult reports_as_lio(const Nexus& nexus, const Cdb& cdb, MutableBytes data_in);
    CommandResult registers_as_lio(const Nexus& nexus, const Cdb& cdb, ConstBytes list);
    std::optional<CommandResult> refused_by_lio(const Nexus& nexus, const Cdb& cdb, ConstBytes list) const;

    Dialect dialect_;
    LogicalUnit unit_;
    std::optional<Nexus> spc2_holder_;
    std::set<Nexus> all_tg_pt_;  ///< LIO: registered with ALL_TG_PT, which later REGISTERs must repeat
    std::set<TransportId> known_;
    bool has_aptpl_directory_ = true;
};

}  // namespace prh::multipath
