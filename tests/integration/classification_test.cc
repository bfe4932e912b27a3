// SPDX-License-Identifier: MIT
// What a request for a descriptor that is no SCSI disk is answered, and whether the device hears of it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "support/daemon.h"
#include "support/environment.h"
#include "support/loop_device.h"

namespace prh::test {
namespace {

constexpr char kRefused[] = "02 5/20/00";       // INVALID COMMAND OPERATION CODE
constexpr char kInvalidField[] = "02 5/24/00";  // what SG_IO says of a block device that is no SCSI disk

class Classification : public ::testing::Test {
  protected:
    void SetUp() override { client_ = daemon_.connect(); }

    std::string in(int descriptor) { return brief(client_.request(pr_in(0, 24), descriptor)); }
    std::string out(int descriptor) {
        return brief(client_.request(pr_out(0, 0), descriptor, key_list(0, 1)));
    }
    std::string cleanup(int descriptor) { return brief(client_.request({0xFF}, descriptor)); }
    static std::string brief(const std::optional<RawReply>& reply) {
        return reply ? reply->brief() : "nothing";
    }

    Daemon daemon_{{"-T", "device_command"}};
    RawClient client_;
};

TEST_F(Classification, WhatIsNoDeviceIsAnsweredAsSgIoWould) {
    TemporaryDirectory directory;
    int ends[2], pair[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    const Descriptor reading(ends[0]), writing(ends[1]), one(pair[0]), other(pair[1]);
    const Descriptor file(directory / "file", O_RDWR | O_CREAT), null("/dev/null"), zero("/dev/zero");
    const Descriptor memory(::memfd_create("memory", MFD_CLOEXEC)), event(::eventfd(0, EFD_CLOEXEC));
    const Descriptor epoll(::epoll_create1(EPOLL_CLOEXEC)), loop("/dev/loop-control");
    for (const Descriptor* descriptor : {&writing, &one, &file, &null, &zero, &memory, &event, &epoll}) {
        EXPECT_EQ(in(descriptor->get()), kNoDevice);
        EXPECT_EQ(out(descriptor->get()), kNoDevice);
        EXPECT_EQ(cleanup(descriptor->get()), "00") << "nothing is to be cleaned up";
    }
    const Descriptor folder(directory.path(), O_RDONLY | O_DIRECTORY);
    EXPECT_EQ(in(folder.get()), kNoDevice);
    EXPECT_EQ(in(reading.get()), kNoDevice);
    EXPECT_EQ(daemon_.process().err().find("device_command"), std::string::npos) << "none of them was asked";
}

TEST_F(Classification, WhatWasOpenedReadOnlyMayNotBeReserved) {
    TemporaryDirectory directory;
    const Descriptor null("/dev/null", O_RDONLY), folder(directory.path(), O_RDONLY | O_DIRECTORY);
    const Descriptor writable("/dev/null", O_WRONLY);
    for (const Descriptor* descriptor : {&null, &folder}) {
        EXPECT_EQ(out(descriptor->get()), kRefused);
        EXPECT_EQ(cleanup(descriptor->get()), kRefused);
        EXPECT_EQ(in(descriptor->get()), kNoDevice);
    }
    EXPECT_EQ(out(writable.get()), kNoDevice);
}

TEST_F(Classification, WhatTheClientHasNotOpenedIsNoDevice) {
    TemporaryDirectory directory;
    const std::string node = directory / "node";
    if (::mknod(node.c_str(), S_IFBLK | 0600, makedev(8, 0)) != 0) PRH_CANNOT_RUN("mknod is not allowed");
    // whether or not there is such a disk
    for (const std::string& path : {node, std::string("/dev/null"), directory.path()}) {
        const Descriptor path_only(path, O_PATH);
        EXPECT_EQ(in(path_only.get()), kNoDevice);
        EXPECT_EQ(out(path_only.get()), kNoDevice);
        EXPECT_EQ(cleanup(path_only.get()), kNoDevice);
    }
    EXPECT_TRUE(daemon_.process().err_contains("device 8:0: the client has not opened it (O_PATH)"));
    EXPECT_EQ(daemon_.process().err().find("device_command"), std::string::npos) << "none of them was asked";
}

TEST_F(Classification, FlagsOfASharedDescriptionAreLeftAlone) {
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
    const Descriptor one(pair[0]), other(pair[1]);
    EXPECT_EQ(in(one.get()), kNoDevice);
    EXPECT_EQ(out(one.get()), kNoDevice);
    EXPECT_NE(::fcntl(one.get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST_F(Classification, RepliesHoldNothingOfEarlierOnes) {
    // 18 bytes of sense data in ninety-six, and the rest zero, whatever was answered before
    for (int i = 0; i < 3; ++i) {
        const auto refused =
            client_.request(pr_out(0, 0), Descriptor("/dev/null", O_RDONLY).get(), key_list(1, 2));
        const auto no_device = client_.request(pr_in(0, 8192), null_device());
        ASSERT_TRUE(refused && no_device);
        EXPECT_EQ(refused->size + no_device->size, 0U);
        const std::array<std::uint8_t, 96> expected_refusal{0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x20};
        const std::array<std::uint8_t, 96> expected_none{0x70, 0, 11, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 6};
        EXPECT_EQ(refused->sense, expected_refusal);
        EXPECT_EQ(no_device->sense, expected_none);
    }
}

TEST_F(Classification, WholeDiskIsAsked) {
    LoopDevice disk;
    if (!disk.failure().empty()) PRH_CANNOT_RUN(disk.failure());
    const Descriptor opened(disk.node()), read_only(disk.node(), O_RDONLY);
    const Descriptor write_only(disk.node(), O_WRONLY), for_ioctl(disk.node(), 3);
    EXPECT_EQ(in(opened.get()), kInvalidField);
    EXPECT_EQ(out(opened.get()), kInvalidField);
    EXPECT_EQ(in(read_only.get()), kInvalidField);
    EXPECT_EQ(out(read_only.get()), kRefused);
    EXPECT_EQ(in(write_only.get()), kRefused);
    EXPECT_EQ(out(write_only.get()), kInvalidField);
    EXPECT_EQ(in(for_ioctl.get()), kInvalidField) << "the kernel has asked for both rights";
    EXPECT_EQ(out(for_ioctl.get()), kInvalidField);
    EXPECT_EQ(cleanup(opened.get()), "00");
    EXPECT_TRUE(daemon_.process().err_contains("device_command device=" + disk.number()));
}

TEST_F(Classification, PartitionIsNotAskedSinceTheDiskWouldAnswer) {
    LoopDevice disk;
    if (!disk.failure().empty()) PRH_CANNOT_RUN(disk.failure());
    for (const int index : {1, 2}) {
        const auto node = disk.partition(index);
        if (!node) PRH_CANNOT_RUN("loop devices have no partitions here");
        const Descriptor opened(*node);
        if (!opened.valid()) PRH_CANNOT_RUN("device nodes in /tmp cannot be opened");
        EXPECT_EQ(in(opened.get()), kRefused);
        EXPECT_EQ(in(opened.get()), kRefused) << "from memory";
        EXPECT_EQ(out(opened.get()), kRefused);
        EXPECT_EQ(cleanup(opened.get()), "00");
    }
    EXPECT_TRUE(
        daemon_.process().err_contains("it is a partition, and a reservation would take the whole disk"));
    EXPECT_EQ(in(Descriptor(disk.node()).get()), kInvalidField) << "the whole disk is another matter";
}

TEST_F(Classification, NumberThatAnotherDiskHasNowIsLookedUpAgain) {
    LoopDevice disk;
    if (!disk.failure().empty()) PRH_CANNOT_RUN(disk.failure());
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(in(Descriptor(disk.node()).get()), kInvalidField);
        ASSERT_TRUE(disk.replace());
    }
}

}  // namespace
}  // namespace prh::test
