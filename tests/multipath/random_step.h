// SPDX-License-Identifier: MIT
// One step of a random history: a command of the guest or of another host, or a path that goes or returns.
// Keys are chosen by what is registered when the step is played, so that most commands are sensible.
#pragma once

#include <rapidcheck/Gen.h>

#include <iosfwd>

#include "multipath/world.h"

namespace prh::multipath {

struct Step {
    enum class Kind { kGuest, kOther, kPathDown, kPathUp };

    Kind kind = Kind::kGuest;
    bool in = false;
    int action = 0;
    int key = 0;        ///< 0: the sender's own; else a wrong one, zero, ...
    int other_key = 0;  ///< for the service action: the guest's, the other hosts', nobody's, zero
    int type = 5;
    int host = 0;  ///< of kOther
    int path = 0;
    bool flag = false;  ///< APTPL; UNREG; "the kernel did not notice yet"

    bool is_out() const { return !in; }
};

rc::Gen<Step> any_step();
void showValue(const Step& step, std::ostream& out);

/// The command that the step means now.
GuestCommand command_of(const Step& step, const World& world);

}  // namespace prh::multipath
