// SPDX-License-Identifier: MIT
// One disk, asked through the helper's socket for what is registered and held.
#pragma once

#include <chrono>
#include <string>

#include "base/unique_fd.h"
#include "client/answer.h"
#include "client/disk_answer.h"
#include "client/failure.h"
#include "client/helper_connection.h"
#include "client/state.h"

namespace prh::ctl {

/// The node of a device that a helper has told of; a failure says why there is none to ask.
Expected<std::string> node_of(const DeviceState& device);

/// READ FULL STATUS and READ RESERVATION; READ KEYS where a disk does not know the first, which is optional.
/// `number`: what the node has to be, so that no other disk of the same name is asked.
Expected<DiskAnswer> ask_disk(const std::string& socket, const std::string& node, const std::string& number,
                              std::chrono::seconds timeout);
Expected<DiskAnswer> ask_disk(HelperConnection& helper, FdRef device);

/// One PERSISTENT RESERVE IN, decoded; sent again where a unit attention kept it from being carried out,
/// which is added to `attentions`.
Expected<Answer> read_from_disk(HelperConnection& helper, FdRef device, PrInAction action,
                                std::vector<std::string>& attentions);

/// The number by which the helper and the kernel know what is open: that of the device, or of an emulated
/// disk's file.
std::string number_of(FdRef descriptor);

}  // namespace prh::ctl
