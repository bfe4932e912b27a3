// SPDX-License-Identifier: MIT
// The facts, collected: each question is bounded in time, and nothing is written anywhere.
#pragma once

#include <string>

#include "base/unique_fd.h"
#include "client/common_options.h"
#include "diagnose/facts.h"
#include "multipath/multipathd_socket.h"

namespace prh::ctl {

HelperView collect_helper(const CommonOptions& common);
MultipathdView collect_multipathd(MultipathdSocket& multipathd);
/// `node` is open as `device`. Its disk is asked if the helper can be; `multipathd`, if it is not null, is
/// asked of a map.
DiskFacts collect_disk(const CommonOptions& common, const HelperView& helper, MultipathdSocket* multipathd,
                       const std::string& node, FdRef device);

}  // namespace prh::ctl
