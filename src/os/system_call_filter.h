// SPDX-License-Identifier: MIT
// An allow-list of system calls for this process (seccomp, through libseccomp). What it has is a matter of
// who uses it; this is how it is put into force.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace prh {

/// What becomes of a system call that is not allowed.
enum class FilterMode {
    Enforce,  ///< fails with ENOSYS; one that only an intruder would make ends the process
    Log,      ///< is made, and the kernel's audit log names it
    Off,      ///< no filter
};

/// One system call, on a condition of one of its arguments or none.
struct AllowedCall {
    enum class Condition { None, Equal, MaskedEqual };

    constexpr AllowedCall(int call) : number(call) {}
    static constexpr AllowedCall with(int call, unsigned argument, std::uint64_t value) {
        AllowedCall allowed(call);
        allowed.condition = Condition::Equal;
        allowed.argument = argument;
        allowed.value = value;
        return allowed;
    }
    /// (argument & mask) == value
    static constexpr AllowedCall with_bits(int call, unsigned argument, std::uint64_t mask,
                                           std::uint64_t value) {
        AllowedCall allowed = with(call, argument, value);
        allowed.condition = Condition::MaskedEqual;
        allowed.mask = mask;
        return allowed;
    }

    int number;
    Condition condition = Condition::None;
    unsigned argument = 0;  ///< 0..5
    std::uint64_t mask = 0;
    std::uint64_t value = 0;
};

/// From here on this thread, and every one that it starts, makes these calls only. Cannot be undone; a second
/// filter can only take away. `deadly`: calls that end the process (SIGSYS) instead of failing. Sets
/// no_new_privs, which a filter of an unprivileged process needs.
Status install_system_call_filter(const std::vector<AllowedCall>& allowed, const std::vector<int>& deadly,
                                  FilterMode mode);

}  // namespace prh
