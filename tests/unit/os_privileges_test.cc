// SPDX-License-Identifier: MIT
// Accounts by name and number, and what is left of a process's privileges.
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "os/privileges.h"
#include "support/child_process.h"
#include "support/environment.h"
#include "support/process.h"
#include "support/unprivileged.h"

namespace prh::test {
namespace {

constexpr char kUnknownNumber[] = "3999999999";  // no account has it

TEST(LookUpUser, FindsAnAccountByNameAndByNumber) {
    for (const char* text : {"root", "0"}) {
        Identity identity;
        ASSERT_TRUE(look_up_user(text, identity)) << text;
        EXPECT_EQ(identity.user, 0U);
        EXPECT_EQ(identity.users_own_group, 0U);
        EXPECT_FALSE(identity.group) << "that is -g's";
    }
}

TEST(LookUpUser, FindsTheGroupOfTheAccount) {
    const passwd* account = ::getpwnam("nobody");
    if (account == nullptr) PRH_CANNOT_RUN("no account 'nobody'");
    const uid_t user = account->pw_uid;
    const gid_t group = account->pw_gid;
    Identity identity;
    ASSERT_TRUE(look_up_user("nobody", identity));
    EXPECT_EQ(identity.user, user);
    EXPECT_EQ(identity.users_own_group, group);
}

TEST(LookUpUser, TakesANumberWithoutAnAccount) {
    Identity identity;
    ASSERT_TRUE(look_up_user(kUnknownNumber, identity));
    EXPECT_EQ(identity.user, 3999999999U);
    EXPECT_FALSE(identity.users_own_group);
}

TEST(LookUpUser, ForgetsTheGroupOfTheOneBefore) {
    Identity identity;
    ASSERT_TRUE(look_up_user("root", identity));
    ASSERT_TRUE(look_up_user(kUnknownNumber, identity));
    EXPECT_EQ(identity.user, 3999999999U);
    EXPECT_FALSE(identity.users_own_group) << "-u root -u 3999999999 must not give group 0";
}

TEST(LookUp, RefusesWhatIsNeitherNameNorNumber) {
    for (const char* text : {"", " ", "no-such-account", "0x10", "12 ", " 12", "-1", "+1", "1e3",
                             "4294967295", "4294967296", "99999999999999999999"}) {
        Identity identity;
        EXPECT_FALSE(look_up_user(text, identity)) << text;
        EXPECT_FALSE(look_up_group(text)) << text;
    }
}

TEST(LookUpGroup, FindsAGroupByNameAndByNumber) {
    EXPECT_EQ(look_up_group("root"), 0U);
    EXPECT_EQ(look_up_group("0"), 0U);
    EXPECT_EQ(look_up_group(kUnknownNumber), 3999999999U);
    EXPECT_EQ(look_up_group("4294967294"), 4294967294U);
}

/// What a root process has after dropping its privileges.
std::string left(const Identity& identity, bool keep_rawio) {
    return in_child([&] {
        if (const Status dropped = drop_privileges(identity, keep_rawio); !dropped)
            return dropped.error().message;
        const auto status = thread_statuses(::getpid()).at(0);
        std::string text;
        for (const char* field : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
            text += status.at(field).substr(status.at(field).size() - 8) + " ";
        return text + "uid " + status.at("Uid") + " gid " + status.at("Gid") + " groups " +
               status.at("Groups") + " nnp " + status.at("NoNewPrivs");
    });
}

TEST(DropPrivileges, LeavesRawIoAloneAndTheIdsAsTheyAre) {
    if (::geteuid() != 0) PRH_CANNOT_RUN("needs root");
    EXPECT_EQ(left({}, true),
              "00000000 00020000 00020000 00000000 00000000 uid 0\t0\t0\t0 gid 0\t0\t0\t0 groups  nnp 1");
    EXPECT_EQ(left({}, false),
              "00000000 00000000 00000000 00000000 00000000 uid 0\t0\t0\t0 gid 0\t0\t0\t0 groups  nnp 1");
}

TEST(DropPrivileges, GivesAUserWithoutAGroupTheUsersOwn) {
    if (::geteuid() != 0) PRH_CANNOT_RUN("needs root");
    const std::string sets = "00000000 00020000 00020000 00000000 00000000 ";
    EXPECT_EQ(left({.user = 1234, .group = {}, .users_own_group = 56}, true),
              sets + "uid 1234\t1234\t1234\t1234 gid 56\t56\t56\t56 groups  nnp 1");
    EXPECT_EQ(left({.user = 1234, .group = {}, .users_own_group = {}}, true),
              sets + "uid 1234\t1234\t1234\t1234 gid 1234\t1234\t1234\t1234 groups  nnp 1");
    EXPECT_EQ(left({.user = 1234, .group = 7, .users_own_group = 56}, true),
              sets + "uid 1234\t1234\t1234\t1234 gid 7\t7\t7\t7 groups  nnp 1");
    EXPECT_EQ(left({.user = {}, .group = 7, .users_own_group = {}}, true),
              sets + "uid 0\t0\t0\t0 gid 7\t7\t7\t7 groups  nnp 1");
}

/// As SystemCallFilter=~@privileged does.
void refuse_capset() {
    sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_capset, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog program{4, code};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        ::_exit(2);
}

TEST(DropPrivileges, NeedsNoCapsetWhereThereIsNoMoreThanRawIo) {
    if (::geteuid() != 0) PRH_CANNOT_RUN("needs root");
    const auto with_capset_refused = [](bool given_no_more) {
        return in_child([=] {
            if (given_no_more && !drop_privileges({}, true)) return std::string("not dropped");
            refuse_capset();
            const Status dropped = drop_privileges({}, true);
            return dropped ? "dropped" : dropped.error().message;
        });
    };
    EXPECT_EQ(with_capset_refused(true), "dropped");
    EXPECT_NE(with_capset_refused(false), "dropped");
}

TEST(DropPrivileges, WithoutRawIoIsAnErrorThatSaysWhatToDo) {
    if (::geteuid() != 0) PRH_CANNOT_RUN("needs root");
    const std::string said = in_child([] {
        become_nobody();
        const Status dropped = drop_privileges({}, true);
        return dropped ? "dropped" : dropped.error().message;
    });
    EXPECT_EQ(
        said,
        "Failed to drop privileges: Operation not permitted (CAP_SYS_RAWIO is missing: start as root or with "
        "AmbientCapabilities=CAP_SYS_RAWIO)");
    EXPECT_EQ(in_child([] {
                  become_nobody();
                  return std::string(drop_privileges({}, false) ? "nothing needed" : "refused");
              }),
              "nothing needed");
}

}  // namespace
}  // namespace prh::test
