// SPDX-License-Identifier: MIT
#include "os/file_confinement.h"

#include <fcntl.h>
#include <linux/types.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace prh {
namespace {

// The interface of <linux/landlock.h>, which kernel headers before Linux 5.13 lack (EL8, SLES 15 SP3). The
// numbers of the calls are the same on every architecture that has Landlock.
constexpr long kCreateRuleset = 444, kAddRule = 445, kRestrictSelf = 446;
constexpr unsigned kAskVersion = 1U << 0;  // LANDLOCK_CREATE_RULESET_VERSION
constexpr int kPathBeneath = 1;            // LANDLOCK_RULE_PATH_BENEATH
struct RulesetAttributes {                 // struct landlock_ruleset_attr of version 1
    __u64 handled_access_fs;
};
struct __attribute__((packed)) PathBeneath {  // struct landlock_path_beneath_attr
    __u64 allowed_access;
    __s32 parent_fd;
};

// LANDLOCK_ACCESS_FS_*
constexpr __u64 kWriteFile = 1ULL << 1, kReadFile = 1ULL << 2, kReadDirectory = 1ULL << 3,
                kRemoveFile = 1ULL << 5, kMakeRegular = 1ULL << 8;
constexpr __u64 kFirstVersion = (1ULL << 13) - 1;  // every access of Linux 5.13: 13 bits
constexpr __u64 kRefer = 1ULL << 13;               // version 2, Linux 5.19
constexpr __u64 kTruncate = 1ULL << 14;            // version 3, Linux 6.2

constexpr __u64 kReading = kReadFile | kReadDirectory;
constexpr __u64 kRemoving = kRemoveFile;
constexpr __u64 kAppending = kWriteFile | kMakeRegular;

__u64 accesses(FileRule::Access access) {
    switch (access) {
        case FileRule::Access::Read: return kReading;
        case FileRule::Access::Remove: return kRemoving;
        case FileRule::Access::Keep: return kReading | kRemoving | kAppending | kTruncate;
        case FileRule::Access::Append: return kAppending;
    }
    return 0;
}

Status add_rule(int ruleset, const FileRule& rule, __u64 handled) {
    const auto failed = [&](const char* what) {
        const int code = errno;
        return fail_errno(
            std::string("Failed to confine files: ").append(what).append(" '").append(rule.path).append("'"),
            code);
    };
    UniqueFd opened;
    if (!rule.directory.valid()) {
        opened = UniqueFd(::open(rule.path.c_str(), O_PATH | O_CLOEXEC));
        if (!opened.valid() && rule.missing == FileRule::Missing::GivesNothing) return {};
        if (!opened.valid()) return failed("cannot open");
    }
    PathBeneath beneath{};
    beneath.allowed_access = accesses(rule.access) & handled;
    beneath.parent_fd = opened.valid() ? opened.get() : rule.directory.get();
    if (::syscall(kAddRule, ruleset, kPathBeneath, &beneath, 0) != 0) return failed("Landlock refuses");
    return {};
}

}  // namespace

int file_confinement_version() {
    const long version = ::syscall(kCreateRuleset, nullptr, 0, kAskVersion);
    return version < 0 ? 0 : static_cast<int>(version);
}

Status confine_files(const std::vector<FileRule>& rules) {
    const int version = file_confinement_version();
    if (version == 0) return {};
    const char* const failed = "Failed to confine the files that can be reached";
    RulesetAttributes attributes{};
    attributes.handled_access_fs =
        kFirstVersion | (version >= 2 ? kRefer : 0) | (version >= 3 ? kTruncate : 0);
    const UniqueFd ruleset(static_cast<int>(::syscall(kCreateRuleset, &attributes, sizeof(attributes), 0)));
    if (!ruleset.valid()) return fail_errno(failed, errno);
    for (const FileRule& rule : rules)
        if (Status added = add_rule(ruleset.get(), rule, attributes.handled_access_fs); !added) return added;
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::syscall(kRestrictSelf, ruleset.get(), 0) != 0)
        return fail_errno(failed, errno);
    return {};
}

}  // namespace prh
