// SPDX-License-Identifier: MIT
#include "support/unprivileged.h"

#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

namespace prh::test {
namespace {

void require(bool done) {
    if (!done) ::_exit(125);
}

}  // namespace

std::string obstacle_to_others() {
    std::filesystem::path path;
    for (const auto& part : std::filesystem::canonical(built(""))) {
        path /= part;
        struct stat status;
        if (::stat(path.c_str(), &status) != 0 || (status.st_mode & S_IXOTH) != 0) continue;
        char mode[8];
        std::snprintf(mode, sizeof mode, "%04o", status.st_mode & 07777U);
        return "other users cannot enter " + path.string() + " (mode " + mode +
               "): clone into a directory that they can enter, such as /srv";
    }
    return "";
}

void become_nobody() {
    require(::setgroups(0, nullptr) == 0 && ::setresgid(kNobody, kNobody, kNobody) == 0 &&
            ::setresuid(kNobody, kNobody, kNobody) == 0);
}

void become_nobody_in_group(unsigned group) {
    require(::setresgid(kNobody, kNobody, kNobody) == 0 && ::setgroups(1, &group) == 0 &&
            ::setresuid(kNobody, kNobody, kNobody) == 0);
}

void become_nobody_with_rawio() {
    require(::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0);
    become_nobody();
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct sets[2]{};
    sets[0].permitted = sets[0].inheritable = sets[0].effective = 1U << CAP_SYS_RAWIO;
    require(::syscall(SYS_capset, &header, sets) == 0);
    require(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_RAWIO, 0, 0) == 0);
}

}  // namespace prh::test
