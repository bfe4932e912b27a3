// SPDX-License-Identifier: MIT
// Regular files as logical units: identity, rights, limits and threads.
#include <sys/mman.h>
#include <sys/socket.h>

#include <thread>
#include <tuple>

#include "base/statx.h"
#include "emul/initiator_name.h"
#include "unit/emul_device_fixture.h"

namespace prh::test {
namespace {

using Keys = std::vector<std::uint64_t>;
using Bytes = std::vector<std::uint8_t>;

// Identity

TEST_F(EmulatedDeviceTest, TwoHardLinksAreTwoHostsOfOneLogicalUnit) {
    const UniqueFd a = open(disk);
    const UniqueFd b = open(directory / "link");
    EXPECT_EQ(registers(a, 0, 0x11), "GOOD");
    EXPECT_EQ(registers(b, 0x11, 0x12), "CONFLICT") << "b is not registered";
    EXPECT_EQ(registers(b, 0, 0x22), "GOOD");
    EXPECT_EQ(keys_of(a), (Keys{0x11, 0x22}));
    EXPECT_EQ(out(a, PrOutAction::Reserve, 0x11, 0, kExclusiveAccess), "GOOD");
    EXPECT_EQ(out(b, PrOutAction::Reserve, 0x22, 0, kExclusiveAccess), "CONFLICT");
    EXPECT_EQ(out(b, PrOutAction::Preempt, 0x22, 0x11, kExclusiveAccess), "GOOD");
    EXPECT_EQ(reads(a), "6/2a/05");
    EXPECT_EQ(keys_of(a), Keys{0x22});
}

TEST_F(EmulatedDeviceTest, TwoDescriptorsOfOneNameAreOneHost) {
    const UniqueFd first = open(disk);
    const UniqueFd second = open(disk, O_WRONLY);
    EXPECT_EQ(registers(first, 0, 0x11), "GOOD");
    EXPECT_EQ(registers(second, 0x11, 0x12), "GOOD");
}

TEST_F(EmulatedDeviceTest, TwoFilesAreTwoLogicalUnits) {
    write_file(directory / "other", "");
    const UniqueFd a = open(disk);
    const UniqueFd b = open(directory / "other");
    registers(a, 0, 0x11);
    EXPECT_EQ(keys_of(b), Keys{});
    EXPECT_EQ(device->logical_units(), 2U);
}

TEST_F(EmulatedDeviceTest, ReadFullStatusShowsTheFilesNameAndPortOne) {
    const UniqueFd b = open(directory / "link");
    registers(b, 0, 0x22);
    Bytes data;
    in(b, PrInAction::ReadFullStatus, data);
    const auto status = ReadFullStatusData::parse(data);
    ASSERT_TRUE(status && status->descriptors.size() == 1);
    EXPECT_EQ(status->descriptors[0].relative_target_port, 1);
    EXPECT_EQ(status->descriptors[0].transport_id.to_string(),
              "iqn.2026-01.prhelper.emulator:" + directory.path() + "/link");
}

TEST_F(EmulatedDeviceTest, AHostCanBeRegisteredByItsPredictedName) {
    const UniqueFd a = open(disk);
    const UniqueFd b = open(directory / "link");
    const PrOutParameters parameters{{0},   {0x11}, true,
                                     false, false,  {initiator_port_of(directory / "link")}};
    const Bytes list = parameters.encode();
    const Cdb cdb =
        Cdb::persistent_reserve_out(PrOutAction::Register, 0, static_cast<std::uint32_t>(list.size()));
    EXPECT_EQ(brief(device->execute({cdb, a.ref(), list, MutableBytes()})), "GOOD");
    EXPECT_EQ(registers(b, 0x11, 0x22), "GOOD");
}

TEST_F(EmulatedDeviceTest, AHostStaysTheSameWhenItsLinkIsRemoved) {
    const UniqueFd a = open(disk);
    registers(a, 0, 0x11);
    std::filesystem::remove(disk);
    EXPECT_EQ(registers(a, 0x11, 0x12), "GOOD");
    std::filesystem::remove(directory / "link");
    EXPECT_EQ(keys_of(a), Keys{0x12}) << "the last link too";
}

/// Inode number and birth time.
std::tuple<std::uint64_t, std::int64_t, std::uint32_t> identity_of(const std::string& path) {
    struct statx status {};
    EXPECT_EQ(::statx(AT_FDCWD, path.c_str(), 0, STATX_INO | STATX_BTIME, &status), 0) << path;
    return {status.stx_ino, status.stx_btime.tv_sec, status.stx_btime.tv_nsec};
}

TEST_F(EmulatedDeviceTest, ANewFileInheritsNothing) {
    {
        const UniqueFd a = open(disk);
        registers(a, 0, 0x11);
    }
    const auto old = identity_of(disk);
    std::filesystem::remove(disk);
    std::filesystem::remove(directory / "link");
    // ext4 gives the inode number again at once, and its clock ticks a few times in 10 ms: until it has, the
    // new file is the old one to everybody. The clock is the file system's own: since Linux 6.13 it may be
    // ahead of every other coarse clock.
    EXPECT_TRUE(eventually([&] {
        std::filesystem::remove(disk);
        write_file(disk, "");
        return identity_of(disk) != old;
    }));
    EXPECT_EQ(keys_of(open(disk)), Keys{});
}

TEST_F(EmulatedDeviceTest, TheFileItselfIsNotTouched) {
    write_file(disk, "data");
    const UniqueFd a = open(disk);
    const auto before = std::filesystem::last_write_time(disk);
    registers(a, 0, 0x11);
    EXPECT_EQ(read_file(disk), "data");
    EXPECT_EQ(std::filesystem::last_write_time(disk), before);
    EXPECT_EQ(::lseek(a.get(), 0, SEEK_CUR), 0);
}

// Descriptors of other kinds and rights

TEST_F(EmulatedDeviceTest, ADescriptorWithoutWriteAccessMayOnlyAsk) {
    for (const int flags : {O_RDONLY, O_RDONLY | O_NONBLOCK}) {
        const UniqueFd fd = open(disk, flags);
        EXPECT_EQ(registers(fd, 0, 0x11), "5/20/00");
        EXPECT_EQ(reads(fd), "GOOD");
        EXPECT_EQ(cleans_up(fd), "5/20/00");
    }
    EXPECT_EQ(keys_of(open(disk)), Keys{});
}

TEST_F(EmulatedDeviceTest, ADescriptorWithoutReadAccessMayOnlyChange) {
    const UniqueFd fd = open(disk, O_WRONLY);
    EXPECT_EQ(registers(fd, 0, 0x11), "GOOD");
    EXPECT_EQ(reads(fd), "5/20/00");
    EXPECT_EQ(cleans_up(fd), "GOOD");
}

TEST_F(EmulatedDeviceTest, AFileThatTheClientHasNotOpenedIsNoDevice) {
    const UniqueFd fd = open(disk, O_PATH);
    EXPECT_EQ(registers(fd, 0, 0x11), "b/00/06");
    EXPECT_EQ(reads(fd), "b/00/06");
    EXPECT_EQ(cleans_up(fd), "b/00/06");
    EXPECT_EQ(device->identify(fd.ref()).name, "");
    EXPECT_EQ(device->logical_units(), 0U);
}

TEST_F(EmulatedDeviceTest, AnythingButARegularFileIsRefused) {
    int pipe[2];
    ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
    const UniqueFd reader(pipe[0]);
    const UniqueFd writer(pipe[1]);
    EXPECT_EQ(reads(reader), "b/00/06");
    EXPECT_EQ(registers(writer, 0, 0x11), "b/00/06");
    const UniqueFd null = open("/dev/null");
    EXPECT_EQ(reads(null), "b/00/06");
    EXPECT_EQ(registers(null, 0, 0x11), "b/00/06");
    const UniqueFd folder = open(directory.path(), O_RDONLY | O_DIRECTORY);
    EXPECT_EQ(reads(folder), "b/00/06");
    EXPECT_EQ(registers(folder, 0, 0x11), "5/20/00");
    const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(reads(socket), "b/00/06");
    EXPECT_EQ(reads(UniqueFd()), "b/00/06");
    EXPECT_EQ(registers(UniqueFd(), 0, 0x11), "b/00/06");
    EXPECT_EQ(device->logical_units(), 0U);
}

TEST_F(EmulatedDeviceTest, AFileWithoutANameInAnyDirectoryIsALogicalUnit) {
    const UniqueFd memory(::memfd_create("disk", MFD_CLOEXEC));
    ASSERT_TRUE(memory.valid());
    EXPECT_EQ(registers(memory, 0, 0x11), "GOOD");
    EXPECT_EQ(keys_of(memory), Keys{0x11});
}

TEST_F(EmulatedDeviceTest, CleanUpIsGoodAndChangesNothing) {
    const UniqueFd a = open(disk);
    registers(a, 0, 0x11);
    EXPECT_EQ(cleans_up(a), "GOOD");
    EXPECT_EQ(keys_of(a), Keys{0x11});
}

TEST_F(EmulatedDeviceTest, DataInIsNotWrittenUnlessGood) {
    const UniqueFd null = open("/dev/null");
    Bytes data(64, 0xAA);
    const CommandResult result =
        device->execute({Cdb::persistent_reserve_in(PrInAction::ReadKeys, 64), null.ref(), {}, data});
    EXPECT_EQ(result.data_length, 0U);
    EXPECT_EQ(data, Bytes(64, 0xAA));
}

// Limits

TEST_F(EmulatedDeviceTest, LogicalUnitsWithoutRegistrationsMakeRoom) {
    power_on({}, {.registrations = 2, .logical_units = 3});
    const UniqueFd kept = open(disk);
    registers(kept, 0, 0x11);
    for (int i = 0; i < 20; ++i) {
        write_file(directory / std::to_string(i), "");
        EXPECT_EQ(keys_of(open(directory / std::to_string(i))), Keys{});
        EXPECT_LE(device->logical_units(), 3U);
    }
    EXPECT_EQ(keys_of(kept), Keys{0x11});
}

TEST_F(EmulatedDeviceTest, BeyondTheLimitALogicalUnitIsRefusedAndTheOthersWork) {
    power_on({}, {.registrations = 2, .logical_units = 1});
    write_file(directory / "other", "");
    const UniqueFd a = open(disk);
    const UniqueFd other = open(directory / "other");
    registers(a, 0, 0x11);
    EXPECT_EQ(registers(other, 0, 0x22), "5/55/03");
    EXPECT_EQ(reads(other), "5/55/03");
    EXPECT_EQ(registers(a, 0x11, 0), "GOOD");
    EXPECT_EQ(registers(other, 0, 0x22), "GOOD");
}

TEST_F(EmulatedDeviceTest, TheLimitOfRegistrationsIsPassedOn) {
    power_on({}, {.registrations = 1});
    registers(open(disk), 0, 0x11);
    EXPECT_EQ(registers(open(directory / "link"), 0, 0x22), "5/55/04");
}

// Threads

/// Hosts that register, change their key and unregister, each in a thread of its own.
class ManyHosts : public EmulatedDeviceTest {
  protected:
    void work(int rounds, bool persists);
};

void ManyHosts::work(int rounds, bool persists) {
    constexpr int kHosts = 8;
    for (int i = 0; i < kHosts; ++i)
        std::filesystem::create_hard_link(disk, directory / ("host" + std::to_string(i)));
    std::vector<std::thread> threads;
    std::vector<int> failures(kHosts, 0);
    for (int i = 0; i < kHosts; ++i)
        threads.emplace_back([this, i, rounds, persists, &failures] {
            const UniqueFd fd(::open((directory / ("host" + std::to_string(i))).c_str(), O_RDWR | O_CLOEXEC));
            const auto key = static_cast<std::uint64_t>(i + 1);
            int& failed = failures[static_cast<std::size_t>(i)];
            for (int round = 0; round < rounds; ++round) {
                const bool aptpl = persists && i % 2 == 0;
                failed += registers(fd, 0, key, aptpl) != "GOOD";
                failed += registers(fd, key, key + 100, aptpl) != "GOOD";
                if (round + 1 < rounds) failed += registers(fd, key + 100, 0, aptpl) != "GOOD";
            }
        });
    for (std::thread& thread : threads) thread.join();
    for (int i = 0; i < kHosts; ++i) EXPECT_EQ(failures[static_cast<std::size_t>(i)], 0) << "host " << i;
    Bytes data;
    in(open(disk), PrInAction::ReadKeys, data);
    const auto keys = ReadKeysData::parse(data);
    ASSERT_TRUE(keys);
    EXPECT_EQ(keys->keys.size(), std::size_t{kHosts});
    EXPECT_EQ(keys->generation, kHosts * (3U * static_cast<unsigned>(rounds) - 1));
}

TEST_F(ManyHosts, SeeOneOrderOfCommands) { work(300, false); }

TEST_F(ManyHosts, SeeOneOrderOfCommandsThatAreSaved) {
    power_on_with_state();
    work(5, true);
}

}  // namespace
}  // namespace prh::test
