// SPDX-License-Identifier: MIT
// What a helper is killed in the middle of: a state before, a command, and the state that is to be reached
// when the guest sends the same command again.
#pragma once

#include "vm/scene.h"

namespace prh::vm {

struct Interrupted {
    const char* title;
    std::function<void(Scene&)> prepare;  ///< on a clean logical unit
    std::function<Step(Nexus&)> command;
    std::function<void(Scene&)> check;
};

std::vector<Interrupted> interrupted_commands();

}  // namespace prh::vm
