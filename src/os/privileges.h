// SPDX-License-Identifier: MIT
// What the process may do after its start: CAP_SYS_RAWIO, which SG_IO needs for PERSISTENT RESERVE, and
// nothing else.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.h"

namespace prh {

struct Identity {
    std::optional<uid_t> user;
    std::optional<gid_t> group;
    std::optional<gid_t>
        users_own_group;  ///< of the account that -u named; nothing for a bare number without an account
};

/// A name, else a decimal number of at most 32 bits; nothing if it is neither. Sets users_own_group too.
bool look_up_user(const std::string& text, Identity& identity);
std::optional<gid_t> look_up_group(const std::string& text);

/// Whether the process can use it now: CAP_SYS_ADMIN and its like.
bool has_capability(unsigned capability);

/// Call while the process has one thread: capabilities belong to threads. Afterwards: the given ids (the
/// user's own group where only a user was given), no supplementary groups, no_new_privs, permitted =
/// effective = {CAP_SYS_RAWIO}, inheritable, ambient and bounding sets empty. A process that was started
/// without CAP_SETGID or CAP_SETPCAP (a user with an ambient CAP_SYS_RAWIO) keeps its groups and its bounding
/// set, which no_new_privs makes meaningless. `keep_rawio`: false drops it too (a server of emulated units
/// needs nothing).
Status drop_privileges(const Identity& identity, bool keep_rawio);

}  // namespace prh
