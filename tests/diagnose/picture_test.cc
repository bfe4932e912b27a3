// SPDX-License-Identifier: MIT
// Which registration is that of which path, and when that cannot be told.
#include "diagnose/picture.h"

#include <gtest/gtest.h>

#include "diagnose/two_paths.h"

namespace prh::test {
namespace {

/// "sda=a1* sdb=none", then what is stale, then what is others'.
std::string text_of(const Picture& picture) {
    std::string text;
    const auto key = [](const DiskRegistration& one) {
        char digits[20];
        std::snprintf(digits, sizeof digits, "%llx", static_cast<unsigned long long>(one.key.value));
        return digits + std::string(one.holder ? "*" : "");
    };
    for (const PathView& view : picture.paths)
        text += view.path.name + "=" +
                (view.registration ? key(*view.registration)
                 : view.told       ? "none"
                                   : "?") +
                " ";
    for (const DiskRegistration& one : picture.stale) text += "stale=" + key(one) + " ";
    for (const DiskRegistration& one : picture.others) text += "other=" + key(one) + " ";
    text.pop_back();
    return text;
}

TEST(Picture, RegistrationsAreLaidOverPathsByBothPorts) {
    EXPECT_EQ(text_of(picture_of(two_paths(), all_well())), "sda=a1* sdb=a1 other=b2");
    EXPECT_EQ(picture_of(two_paths(), all_well()).own_key().value().key, ReservationKey{0xA1});
}

TEST(Picture, WhereTwoKeysAreOnAsManyPathsTheHoldersIsOurs) {
    DiskAnswer answer = all_well();
    answer.registrations[1].key = ReservationKey{0xF};
    EXPECT_EQ(picture_of(two_paths(), answer).own_key().value().key, ReservationKey{0xA1});
    EXPECT_TRUE(picture_of(two_paths(), answer).own_key().value().certain);
    answer.registrations[0].holder = false;
    EXPECT_FALSE(picture_of(two_paths(), answer).own_key().value().certain);
    EXPECT_FALSE(picture_of(two_paths(), {}).own_key());
}

TEST(Picture, APathWithoutARegistrationIsSeen) {
    DiskAnswer answer = all_well();
    answer.registrations.erase(answer.registrations.begin() + 1);
    EXPECT_EQ(text_of(picture_of(two_paths(), answer)), "sda=a1* sdb=none other=b2");
}

TEST(Picture, ARegistrationOfThisHostThroughNoPathIsStale) {
    DiskAnswer answer = all_well();
    answer.registrations.push_back(registration(0xA1, kOwnPort, "7"));
    EXPECT_EQ(text_of(picture_of(two_paths(), answer)), "sda=a1* sdb=a1 stale=a1 other=b2");
    LocalDisk one = two_paths();
    one.kind = DeviceKind::Disk;
    one.paths.pop_back();
    EXPECT_EQ(text_of(picture_of(one, answer)), "sda=a1* other=a1 other=b2 other=a1")
        << "there may be another disk that is the other path";
}

TEST(Picture, AnotherPortOfThisHostIsThisHostToo) {
    LocalDisk disk = two_paths();
    disk.initiators.push_back("fcp,2100000000000002");
    DiskAnswer answer = all_well();
    answer.registrations.push_back(registration(0xC3, "fcp,2100000000000002", "1"));
    EXPECT_EQ(text_of(picture_of(disk, answer)), "sda=a1* sdb=a1 stale=c3 other=b2");
}

TEST(Picture, AnOldSessionOfIscsiIsThisHost) {
    LocalDisk disk = two_paths();
    disk.paths[0].initiator = "iqn.2026-01.org.example:host,i,0x00023d000001";
    disk.paths[1].initiator = "iqn.2026-01.org.example:host,i,0x00023d000002";
    disk.initiators = {"iqn.2026-01.org.example:host"};
    DiskAnswer answer;
    answer.registrations = {registration(0xA1, "iqn.2026-01.org.example:host,i,0x00023d000001", "1"),
                            registration(0xA1, "iqn.2026-01.org.example:host,i,0x00023d000002", "2"),
                            registration(0xA1, "iqn.2026-01.org.example:host,i,0x00023d000009", "1"),
                            registration(0xA1, "iqn.2026-01.org.example:host2,i,0x00023d000001", "1")};
    EXPECT_EQ(text_of(picture_of(disk, answer)), "sda=a1 sdb=a1 stale=a1 other=a1");
}

TEST(Picture, WhereIscsiShowsTheNameAloneTheTargetPortTellsSessionsApart) {
    LocalDisk disk = two_paths();
    for (LocalPath& path : disk.paths) path.initiator = "iqn.2026-01.org.example:host";
    disk.initiators = {"iqn.2026-01.org.example:host"};
    DiskAnswer answer;
    answer.registrations = {registration(0xA1, "iqn.2026-01.org.example:host,i,0x00023d000001", "1"),
                            registration(0xA2, "iqn.2026-01.org.example:host,i,0x00023d000002", "2"),
                            registration(0xB2, "iqn.2026-01.org.example:host2,i,0x00023d000001", "1")};
    EXPECT_EQ(text_of(picture_of(disk, answer)), "sda=a1 sdb=a2 other=b2");
    EXPECT_FALSE(picture_of(disk, answer).by_target_port);
    answer.registrations[1].target_port = "1";
    EXPECT_EQ(text_of(picture_of(disk, answer)), "sda=? sdb=none other=a1 other=a2 other=b2")
        << "two sessions of this host to one target port";
}

TEST(Picture, ARegistrationThroughAllTargetPortsIsThatOfEveryPathOfItsInitiator) {
    DiskAnswer answer;
    answer.registrations = {registration(0xA1, kOwnPort, "all")};
    EXPECT_EQ(text_of(picture_of(two_paths(), answer)), "sda=a1 sdb=a1");
}

TEST(Picture, WithoutOwnPortsTheTargetPortDecides) {
    LocalDisk disk = two_paths();
    for (LocalPath& path : disk.paths) path.initiator.clear();
    disk.initiators.clear();
    DiskAnswer answer;
    answer.registrations = {registration(0xA1, "sas,1", "1"), registration(0xB2, "sas,3", "3")};
    const Picture picture = picture_of(disk, answer);
    EXPECT_EQ(text_of(picture), "sda=a1 sdb=none other=b2");
    EXPECT_TRUE(picture.by_target_port);
    answer.registrations.push_back(registration(0xB2, "sas,3", "1"));
    EXPECT_EQ(text_of(picture_of(disk, answer)), "sda=? sdb=none other=a1 other=b2 other=b2")
        << "two hosts at one target port: which of them is this one?";
    answer.registrations = {registration(0xA1, "sas,1", "all")};
    EXPECT_EQ(text_of(picture_of(disk, answer)), "sda=? sdb=? other=a1");
}

TEST(Picture, WithoutTargetPortsSeveralOfOneInitiatorCannotBeTold) {
    LocalDisk disk = two_paths();
    for (LocalPath& path : disk.paths) path.target_port.clear();
    EXPECT_EQ(text_of(picture_of(disk, all_well())), "sda=? sdb=? other=a1* other=a1 other=b2");
}

TEST(Picture, WithoutReadFullStatusOnlyNobodyIsCertain) {
    DiskAnswer answer;
    answer.names_initiators = false;
    EXPECT_EQ(text_of(picture_of(two_paths(), answer)), "sda=none sdb=none");
    answer.registrations = {registration(0xA1, "", "")};
    EXPECT_EQ(text_of(picture_of(two_paths(), answer)), "sda=? sdb=? other=a1");
}

}  // namespace
}  // namespace prh::test
