// SPDX-License-Identifier: MIT
#include "diagnose/facts.h"

#include <algorithm>

namespace prh::ctl {

std::string HelperView::program() const {
    if (state) return state->helper.program;
    return process ? process->name : "";
}

const DeviceState* HelperView::device(const LocalDisk& disk) const {
    if (!state) return nullptr;
    // A file has several names, each a host of its own; a device has one number.
    const auto found = std::find_if(
        state->devices.begin(), state->devices.end(),
        [&](const DeviceState& device) { return device.number == disk.number && device.name == disk.name; });
    return found == state->devices.end() ? nullptr : &*found;
}

}  // namespace prh::ctl
