// SPDX-License-Identifier: MIT
// Whom the server serves, and what it does where two clients are one to the disk. Every part is an option of
// the programs.
#pragma once

#include <sys/types.h>

#include <vector>

namespace prh {

/// When two clients of one host register with a logical unit through one I_T nexus, the logical unit sees one
/// registrant (SPC-4 5.13.1), and the second silently takes the first one's place.
enum class SharedNexus {
    Warn,   ///< a line in the log names both
    Deny,   ///< whatever the second one sends to change something is answered RESERVATION CONFLICT
    Allow,  ///< nothing
};

struct Policy {
    /// Who may connect: these users and the members of these groups; everybody where both are empty.
    std::vector<uid_t> users;
    std::vector<gid_t> groups;
    SharedNexus shared_nexus = SharedNexus::Warn;

    bool admits(uid_t user, const std::vector<gid_t>& users_groups) const;
};

}  // namespace prh
