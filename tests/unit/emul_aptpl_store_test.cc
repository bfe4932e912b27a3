// SPDX-License-Identifier: MIT
// The state directory: what was saved last or before, never anything else.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "emul/aptpl_image.h"
#include "emul/aptpl_store.h"
#include "support/process.h"
#include "unit/emul_hosts.h"

namespace prh::test {
namespace {

constexpr LogicalUnitIdentity kStoredIdentity{8, 17, 131073, 1767225600, 123};
constexpr const char* kName = "8:17-131073-1767225600.000000123.aptpl";

AptplState state_with_key(std::uint64_t key) { return {true, {{nexus(1), {key}}}, std::nullopt}; }

class AptplStoreTest : public testing::Test {
  protected:
    void SetUp() override {
        auto opened = AptplStore::open(directory.path());
        ASSERT_TRUE(opened) << opened.error().message;
        store.emplace(*std::move(opened));
    }
    std::string path() const { return directory / kName; }
    std::string load_error() {
        const auto state = store->load(kStoredIdentity);
        return state ? "loaded" : state.error().message;
    }

    TemporaryDirectory directory;
    std::optional<AptplStore> store;
};

TEST_F(AptplStoreTest, WhatWasNeverSavedIsEmpty) { EXPECT_EQ(store->load(kStoredIdentity), AptplState{}); }

TEST_F(AptplStoreTest, WhatWasSavedIsLoadedByTheNextProcess) {
    ASSERT_TRUE(store->save(kStoredIdentity, state_with_key(0x11)));
    ASSERT_TRUE(store->save(kStoredIdentity, state_with_key(0x12)));
    store.reset();
    const auto next = AptplStore::open(directory.path());
    ASSERT_TRUE(next);
    EXPECT_EQ(next->load(kStoredIdentity), state_with_key(0x12));
}

TEST_F(AptplStoreTest, TheFileIsNamedAfterTheLogicalUnitAndIsPrivate) {
    ASSERT_TRUE(store->save(kStoredIdentity, state_with_key(0x11)));
    struct stat status {};
    ASSERT_EQ(::stat(path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(AptplStoreTest, LogicalUnitsDoNotMix) {
    LogicalUnitIdentity other = kStoredIdentity;
    ++other.inode;
    ASSERT_TRUE(store->save(kStoredIdentity, state_with_key(0x11)));
    ASSERT_TRUE(store->save(other, state_with_key(0x22)));
    EXPECT_EQ(store->load(kStoredIdentity), state_with_key(0x11));
    EXPECT_EQ(store->load(other), state_with_key(0x22));
}

TEST_F(AptplStoreTest, NothingToKeepLeavesNoFile) {
    ASSERT_TRUE(store->save(kStoredIdentity, {})) << "of nothing";
    ASSERT_TRUE(store->save(kStoredIdentity, state_with_key(0x11)));
    ASSERT_TRUE(store->save(kStoredIdentity, {}));
    EXPECT_FALSE(exists(path()));
    EXPECT_EQ(store->load(kStoredIdentity), AptplState{});
}

TEST_F(AptplStoreTest, ACrashBeforeTheRenameLeavesTheOldState) {
    ASSERT_TRUE(store->save(kStoredIdentity, state_with_key(0x11)));
    // As much of a successor as a crash can leave: any part of it, under the name that is not yet the file's.
    auto image = encode_aptpl_image(kStoredIdentity, state_with_key(0x12));
    image.resize(image.size() + 100);  // that of a state with more registrations is longer
    for (const std::size_t length : {std::size_t{0}, std::size_t{50}, image.size()}) {
        write_file(path() + ".new", std::string(image.begin(), image.begin() + static_cast<long>(length)));
        EXPECT_EQ(store->load(kStoredIdentity), state_with_key(0x11));
    }
    ASSERT_TRUE(store->save(kStoredIdentity, state_with_key(0x13))) << "what was left is not in the way";
    EXPECT_EQ(store->load(kStoredIdentity), state_with_key(0x13));
    EXPECT_FALSE(exists(path() + ".new"));
}

TEST_F(AptplStoreTest, AFailedSaveLeavesTheOldStateAndNoRubbish) {
    ASSERT_TRUE(store->save(kStoredIdentity, state_with_key(0x11)));
    std::filesystem::create_directory(path() + ".new");
    const Status saved = store->save(kStoredIdentity, state_with_key(0x12));
    ASSERT_FALSE(saved);
    EXPECT_EQ(saved.error().message, "cannot create " + path() + ".new: Is a directory");
    EXPECT_EQ(store->load(kStoredIdentity), state_with_key(0x11));
    std::filesystem::remove(path());
    std::filesystem::remove(path() + ".new");
    std::filesystem::create_directory(path());
    const Status replaced = store->save(kStoredIdentity, state_with_key(0x12));
    ASSERT_FALSE(replaced);
    EXPECT_EQ(replaced.error().message, "cannot replace " + path() + ": Is a directory");
    EXPECT_FALSE(exists(path() + ".new"));
    const Status removed = store->save(kStoredIdentity, {});
    ASSERT_FALSE(removed);
    EXPECT_EQ(removed.error().message, "cannot remove " + path() + ": Is a directory");
}

TEST_F(AptplStoreTest, ATornFileIsRefusedWithWhatToDo) {
    const auto image = encode_aptpl_image(kStoredIdentity, state_with_key(0x11));
    write_file(path(), std::string(image.begin(), image.end() - 1));
    EXPECT_EQ(load_error(), path() + ": it has " + std::to_string(image.size() - 1) + " bytes of " +
                                std::to_string(image.size()) +
                                ": it was not written to its end; put a good copy in its place, or remove it "
                                "so that the logical unit starts without registrations");
}

TEST_F(AptplStoreTest, AFileOfAnotherLogicalUnitIsRefused) {
    LogicalUnitIdentity other = kStoredIdentity;
    ++other.inode;
    ASSERT_TRUE(store->save(other, state_with_key(0x11)));
    std::filesystem::rename(directory / AptplStore::file_name(other), path());
    EXPECT_NE(load_error().find("it belongs to another file"), std::string::npos);
}

TEST_F(AptplStoreTest, AFileWithMoreBehindItsEndIsRefusedHoweverLong) {
    const auto image = encode_aptpl_image(kStoredIdentity, state_with_key(0x11));
    write_file(path(), std::string(image.begin(), image.end()) + "x");
    EXPECT_NE(load_error().find("1 bytes follow its end"), std::string::npos);
    std::filesystem::resize_file(path(), 64 << 20);
    EXPECT_NE(load_error().find("bytes follow its end"), std::string::npos);
}

TEST_F(AptplStoreTest, ASymbolicLinkAndAPipeAreNotRead) {
    write_file(directory / "elsewhere", "x");
    std::filesystem::create_symlink(directory / "elsewhere", path());
    EXPECT_EQ(load_error(), "cannot read " + path() + ": Too many levels of symbolic links");
    std::filesystem::remove(path());
    ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
    EXPECT_NE(load_error().find("not written to its end"), std::string::npos) << "and nobody waits";
}

TEST_F(AptplStoreTest, ADirectoryHasOneProcess) {
    const auto second = AptplStore::open(directory.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().message,
              "state directory " + directory.path() + " is in use by another process: give each its own");
    store.reset();
    EXPECT_TRUE(AptplStore::open(directory.path()));
}

TEST_F(AptplStoreTest, ADirectoryThatIsNotThereIsAnError) {
    const auto missing = AptplStore::open(directory / "missing");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().message,
              "cannot open state directory " + directory.path() + "/missing: No such file or directory");
}

}  // namespace
}  // namespace prh::test
