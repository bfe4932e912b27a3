// SPDX-License-Identifier: MIT
// What must be true after a request in which something went wrong, and after the requests that follow it.
#pragma once

#include <string>

#include "multipath/scenario.h"

namespace prh::multipath {

class Aftermath {
  public:
    /// `before`: the reference as it was when the guest sent the command; `world.reference` is as it must
    /// become.
    Aftermath(World& world, const Scenario& scenario, SimulatedLun before);

    /// The request was answered so. Everything that is wrong then, or becomes wrong later; empty: nothing.
    std::string of_answer(const std::string& answer, const Fault& fault);
    /// The process died and another one has the record, or (`lost`) has not.
    std::string of_death(bool record_lost);

  private:
    bool nobody_can_tell(const Fault& fault) const;
    void retry();
    void look_at_state(const char* when);
    void look_at_returned_paths();
    void revive_paths();
    /// A PERSISTENT RESERVE OUT that changes nothing by itself; the guest's next.
    void next_change();
    void complain(const std::string& what);

    World& world_;
    const GuestCommand& command_;
    const GuestCommand& second_;
    const SimulatedLun before_;
    bool after_death_ = false;
    std::string complaints_;
};

}  // namespace prh::multipath
