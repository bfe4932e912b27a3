// SPDX-License-Identifier: MIT
// What an emulated logical unit keeps through a loss of power, and what it does when it cannot.
#include "unit/emul_device_fixture.h"

namespace prh::test {
namespace {

using Keys = std::vector<std::uint64_t>;

class Persistence : public EmulatedDeviceTest {};

TEST_F(Persistence, WithoutStateDirectoryAptplIsRefused) {
    const UniqueFd a = open(disk);
    EXPECT_EQ(registers(a, 0, 0x11, true), "5/26/00");
    std::vector<std::uint8_t> data;
    in(a, PrInAction::ReportCapabilities, data);
    const auto capabilities = ReportCapabilitiesData::parse(data);
    ASSERT_TRUE(capabilities);
    EXPECT_FALSE(capabilities->persist_through_power_loss);
}

TEST_F(Persistence, AptplStateOutlivesTheProcess) {
    power_on_with_state();
    const UniqueFd a = open(disk);
    const UniqueFd b = open(directory / "link");
    EXPECT_EQ(registers(a, 0, 0x11, true), "GOOD");
    EXPECT_EQ(registers(b, 0, 0x22, true), "GOOD");
    EXPECT_EQ(out(a, PrOutAction::Reserve, 0x11, 0, kWriteExclusive), "GOOD");
    power_on_with_state();
    EXPECT_EQ(keys_of(a), (Keys{0x11, 0x22}));
    EXPECT_EQ(holder_type(b), "1");
    EXPECT_EQ(out(b, PrOutAction::Reserve, 0x22, 0, kWriteExclusive), "CONFLICT");
    EXPECT_EQ(out(a, PrOutAction::Release, 0x11, 0, kWriteExclusive), "GOOD");
    power_on_with_state();
    EXPECT_EQ(holder_type(a), "none");
    EXPECT_EQ(reports, std::vector<std::string>{});
}

TEST_F(Persistence, AptplZeroAtTheLastRegisterKeepsNothing) {
    power_on_with_state();
    const UniqueFd a = open(disk);
    const UniqueFd b = open(directory / "link");
    registers(a, 0, 0x11, true);
    EXPECT_NE(state_file(), "");
    registers(b, 0, 0x22);
    EXPECT_EQ(state_file(), "");
    EXPECT_EQ(keys_of(a), (Keys{0x11, 0x22})) << "while the power is on";
    power_on_with_state();
    EXPECT_EQ(keys_of(a), Keys{});
}

TEST_F(Persistence, ClearLeavesNoFile) {
    power_on_with_state();
    const UniqueFd a = open(disk);
    registers(a, 0, 0x11, true);
    EXPECT_EQ(out(a, PrOutAction::Clear, 0x11, 0), "GOOD");
    EXPECT_EQ(state_file(), "");
}

TEST_F(Persistence, AStateThatCannotBeSavedLeavesEverythingAsItWas) {
    power_on_with_state();
    const UniqueFd a = open(disk);
    const UniqueFd b = open(directory / "link");
    registers(a, 0, 0x11, true);
    std::filesystem::create_directory(state_file() + ".new");
    EXPECT_EQ(registers(b, 0, 0x22, true), "4/44/00");
    EXPECT_EQ(out(a, PrOutAction::Reserve, 0x11, 0, kWriteExclusive), "4/44/00");
    EXPECT_EQ(keys_of(b), Keys{0x11});
    EXPECT_EQ(holder_type(a), "none");
    ASSERT_EQ(reports.size(), 2U);
    EXPECT_EQ(reports[0], "cannot create " + state_file() + ".new: Is a directory");
    std::filesystem::remove(state_file() + ".new");
    EXPECT_EQ(registers(b, 0, 0x22, true), "GOOD");
    power_on_with_state();
    EXPECT_EQ(keys_of(a), (Keys{0x11, 0x22}));
}

TEST_F(Persistence, ACommandThatKeepsWhatIsKeptSavesNothing) {
    power_on_with_state();
    const UniqueFd a = open(disk);
    registers(a, 0, 0x11, true);
    std::filesystem::create_directory(state_file() + ".new");  // a save would fail
    EXPECT_EQ(out(a, PrOutAction::Release, 0x11, 0, kWriteExclusive), "GOOD");
    EXPECT_EQ(registers(a, 0x99, 0), "CONFLICT");
    EXPECT_EQ(reports, std::vector<std::string>{});
}

TEST_F(Persistence, AStateThatCannotBeLoadedFailsEveryCommandAndIsReportedOnce) {
    power_on_with_state();
    const UniqueFd a = open(disk);
    registers(a, 0, 0x11, true);
    const std::string good = read_file(state_file());
    const std::string file = state_file();
    write_file(file, good.substr(0, good.size() - 1));
    power_on_with_state();
    write_file(directory / "other", "");
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(reads(a), "4/44/00");
        EXPECT_EQ(registers(a, 0, 0x33), "4/44/00");
    }
    EXPECT_EQ(reads(open(directory / "other")), "GOOD") << "only that logical unit";
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0].find(file + ": it has "), 0U) << reports[0];
    EXPECT_EQ(read_file(file), good.substr(0, good.size() - 1)) << "left for the one who repairs it";

    write_file(file, good);
    EXPECT_EQ(keys_of(a), Keys{0x11}) << "repaired without a restart";
}

TEST_F(Persistence, AStateOfAnotherFileIsNotTaken) {
    power_on_with_state();
    const UniqueFd a = open(disk);
    registers(a, 0, 0x11, true);
    const std::string foreign = state_file();
    registers(a, 0x11, 0x12, true);
    write_file(directory / "other", "");
    const UniqueFd other = open(directory / "other");
    registers(other, 0, 0x22, true);
    std::string others_file;
    for (const auto& entry : std::filesystem::directory_iterator(state))
        if (entry.path().extension() == ".aptpl" && entry.path() != foreign) others_file = entry.path();
    device.reset();
    std::filesystem::copy_file(foreign, others_file, std::filesystem::copy_options::overwrite_existing);
    power_on_with_state();
    EXPECT_EQ(reads(other), "4/44/00");
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_NE(reports[0].find("belongs to another file"), std::string::npos) << reports[0];
    EXPECT_EQ(keys_of(a), Keys{0x12});
}

}  // namespace
}  // namespace prh::test
