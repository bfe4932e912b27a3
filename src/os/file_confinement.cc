// SPDX-License-Identifier: MIT
#include "os/file_confinement.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "base/unique_fd.h"

namespace prh {
namespace {

// <linux/landlock.h> of Debian 12 ends with version 2 of the interface (Linux 5.19); 3 brought truncation.
constexpr __u64 kTruncate = 1ULL << 14;
constexpr __u64 kRefer = 1ULL << 13;
constexpr __u64 kFirstVersion = (1ULL << 13) - 1;  // every access of Linux 5.13: 13 bits
constexpr __u64 kReading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr __u64 kRemoving = LANDLOCK_ACCESS_FS_REMOVE_FILE;
constexpr __u64 kAppending = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG;

__u64 accesses(FileRule::Access access) {
    switch (access) {
        case FileRule::Access::Read: return kReading;
        case FileRule::Access::Remove: return kRemoving;
        case FileRule::Access::Keep: return kReading | kRemoving | kAppending | kTruncate;
        case FileRule::Access::Append: return kAppending;
    }
    return 0;
}

bool add_rule(int ruleset, const FileRule& rule, __u64 handled) {
    const UniqueFd place(::open(rule.path.c_str(), O_PATH | O_CLOEXEC));
    if (!place.valid()) return true;
    landlock_path_beneath_attr beneath{};
    beneath.allowed_access = accesses(rule.access) & handled;
    beneath.parent_fd = place.get();
    return ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) == 0;
}

}  // namespace

int file_confinement_version() {
    const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return version < 0 ? 0 : static_cast<int>(version);
}

Status confine_files(const std::vector<FileRule>& rules) {
    const int version = file_confinement_version();
    if (version == 0) return {};
    const char* const failed = "Failed to confine the files that can be reached";
    landlock_ruleset_attr attributes{};
    attributes.handled_access_fs =
        kFirstVersion | (version >= 2 ? kRefer : 0) | (version >= 3 ? kTruncate : 0);
    const UniqueFd ruleset(
        static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0)));
    if (!ruleset.valid()) return fail_errno(failed, errno);
    for (const FileRule& rule : rules)
        if (!add_rule(ruleset.get(), rule, attributes.handled_access_fs))
            return fail_errno(std::string(failed) + " (" + rule.path + ")", errno);
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0)
        return fail_errno(failed, errno);
    return {};
}

}  // namespace prh
