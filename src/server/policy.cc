// SPDX-License-Identifier: MIT
#include "server/policy.h"

#include <algorithm>

namespace prh {

bool Policy::admits(uid_t user, const std::vector<gid_t>& users_groups) const {
    if (users.empty() && groups.empty()) return true;
    return std::find(users.begin(), users.end(), user) != users.end() ||
           std::find_first_of(groups.begin(), groups.end(), users_groups.begin(), users_groups.end()) !=
               groups.end();
}

}  // namespace prh
