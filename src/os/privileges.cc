// SPDX-License-Identifier: MIT
#include "os/privileges.h"

#include <cap-ng.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>

namespace prh {
namespace {

std::optional<std::uint32_t> decimal(const std::string& text) {
    std::uint32_t value = 0;
    const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || stopped != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

tl::unexpected<Error> refused(const char* what, int code) {
    return fail_errno(std::string("Failed to drop privileges: ") + what, code);
}

/// Where a service manager gave no more in the first place, capset(2) is not called: its filter need not
/// allow it.
bool has_exactly(std::uint64_t wanted) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> words{};
    if (::syscall(SYS_capget, &header, words.data()) != 0) return false;
    const auto is = [&](__u32 __user_cap_data_struct::*set, std::uint64_t value) {
        return (words[0].*set | std::uint64_t{words[1].*set} << 32) == value;
    };
    return is(&__user_cap_data_struct::effective, wanted) && is(&__user_cap_data_struct::permitted, wanted) &&
           is(&__user_cap_data_struct::inheritable, 0);
}

}  // namespace

bool look_up_user(const std::string& text, Identity& identity) {
    identity.users_own_group.reset();  // of an account that an earlier -u named
    const passwd* account = ::getpwnam(text.c_str());
    if (account == nullptr) {
        const auto number = decimal(text);
        if (!number || *number == static_cast<uid_t>(-1)) return false;
        identity.user = *number;
        account = ::getpwuid(*number);
    }
    if (account != nullptr) {
        identity.user = account->pw_uid;
        identity.users_own_group = account->pw_gid;
    }
    return true;
}

std::optional<gid_t> look_up_group(const std::string& text) {
    if (const group* entry = ::getgrnam(text.c_str())) return entry->gr_gid;
    const auto number = decimal(text);
    if (!number || *number == static_cast<gid_t>(-1)) return std::nullopt;
    return *number;
}

bool has_capability(unsigned capability) {
    return ::capng_get_caps_process() == 0 && ::capng_have_capability(CAPNG_EFFECTIVE, capability) != 0;
}

Status drop_privileges(const Identity& identity, bool keep_rawio) {
    if (::capng_get_caps_process() != 0) return refused("cannot read the capabilities", errno);
    if (keep_rawio && !::capng_have_capability(CAPNG_PERMITTED, CAP_SYS_RAWIO))
        return fail(
            "Failed to drop privileges: Operation not permitted (CAP_SYS_RAWIO is missing: start as root or "
            "with "
            "AmbientCapabilities=CAP_SYS_RAWIO)");
    const bool may_set_groups = ::capng_have_capability(CAPNG_EFFECTIVE, CAP_SETGID);
    const bool may_empty_bounds = ::capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);

    if (may_empty_bounds) {
        ::capng_clear(CAPNG_SELECT_BOUNDS);
        if (::capng_apply(CAPNG_SELECT_BOUNDS) != 0) return refused("cannot empty the bounding set", errno);
    }
    if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return refused("PR_SET_KEEPCAPS", errno);
    if (may_set_groups && ::setgroups(0, nullptr) != 0) return refused("setgroups", errno);
    const std::optional<gid_t> group =
        identity.group  ? identity.group
        : identity.user ? (identity.users_own_group ? identity.users_own_group : identity.user)
                        : std::nullopt;
    if (group && ::setresgid(*group, *group, *group) != 0) return refused("setresgid", errno);
    if (identity.user && ::setresuid(*identity.user, *identity.user, *identity.user) != 0)
        return refused("setresuid", errno);

    ::capng_clear(CAPNG_SELECT_CAPS);
    if (keep_rawio)
        ::capng_update(CAPNG_ADD, static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED),
                       CAP_SYS_RAWIO);
    if (!has_exactly(keep_rawio ? std::uint64_t{1} << CAP_SYS_RAWIO : 0) &&
        ::capng_apply(CAPNG_SELECT_CAPS) != 0)
        return refused("cannot set the capabilities", errno);
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
        return refused("PR_CAP_AMBIENT", errno);
    if (::prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) != 0) return refused("PR_SET_KEEPCAPS", errno);
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("PR_SET_NO_NEW_PRIVS", errno);
    return {};
}

}  // namespace prh
