// SPDX-License-Identifier: MIT
// Records as files: kept, replaced and removed whole; what is not ours or not whole is put aside.
#include "multipath/record_store.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>

#include "support/descriptor.h"
#include "support/process.h"

namespace prh::test {
namespace {

constexpr char kMapUuid[] = "mpath-36001405aabbccdd0";

class RecordStoreTest : public ::testing::Test {
  protected:
    FileRecordStore store(const std::string& uuid = kMapUuid) {
        return {state_, uuid, "dm-3 (mpatha)",
                [this](std::string_view text) { reports_.emplace_back(text); }};
    }
    static MapRecord record(std::uint64_t key = 0x123ABC) {
        MapRecord record;
        record.key = {key};
        record.missed = {"8:16"};
        return record;
    }
    std::string file() const { return state_.path() + "/" + kMapUuid + ".record"; }
    std::vector<std::string> files() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(state_.path()))
            names.push_back(entry.path().filename());
        return names;
    }

    TemporaryDirectory directory_;
    std::vector<std::string> reports_;
    StateDirectory state_{directory_ / "state",
                          [this](std::string_view text) { reports_.emplace_back(text); }};
};

TEST_F(RecordStoreTest, WhatWasSavedIsLoadedByTheNextProcess) {
    EXPECT_EQ(store().load().value(), std::nullopt);
    EXPECT_TRUE(store().save(record()));
    EXPECT_EQ(store().load().value(), record());
    EXPECT_TRUE(store().save(record(7)));
    EXPECT_EQ(store().load().value(), record(7));
    EXPECT_EQ(files(), std::vector<std::string>{std::string(kMapUuid) + ".record"})
        << "and nothing beside it";
    EXPECT_TRUE(reports_.empty());
}

TEST_F(RecordStoreTest, NobodyElseMayReadIt) {
    const mode_t before = ::umask(0);
    EXPECT_TRUE(store().save(record()));
    ::umask(before);
    struct stat status {};
    ASSERT_EQ(::stat(file().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600U);
    ASSERT_EQ(::stat(state_.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0700U);
}

TEST_F(RecordStoreTest, ARecordOfNothingRemovesTheFile) {
    EXPECT_TRUE(store().save({})) << "nothing to remove";
    EXPECT_TRUE(store().save(record()));
    EXPECT_TRUE(store().save({}));
    EXPECT_TRUE(files().empty());
}

TEST_F(RecordStoreTest, EveryMapHasItsOwn) {
    EXPECT_TRUE(store("mpath-a").save(record(1)));
    EXPECT_TRUE(store("mpath-b").save(record(2)));
    EXPECT_EQ(store("mpath-a").load().value(), record(1));
    EXPECT_EQ(store("mpath-b").load().value(), record(2));
}

TEST_F(RecordStoreTest, NamesLeadNowhereElse) {
    EXPECT_EQ(FileRecordStore::file_name("mpath-3600.a_b"), "mpath-3600.a_b.record");
    EXPECT_EQ(FileRecordStore::file_name("mpath-../x y%"), "mpath-..%2Fx%20y%25.record");
    EXPECT_EQ(FileRecordStore::file_name(std::string("\0\xFF", 2)), "%00%FF.record");
    EXPECT_LE(FileRecordStore::file_name(std::string(128, '/')).size() + 4, 255U);
}

TEST_F(RecordStoreTest, WhatIsNoWholeRecordIsPutAside) {
    const std::string whole = record().to_text();
    for (const std::string& damaged : {std::string("x"), whole.substr(0, whole.size() - 1), whole + whole,
                                       std::string(), std::string(3U << 20, 'x')}) {
        reports_.clear();
        EXPECT_TRUE(store().save(record()));
        write_file(file(), damaged);
        EXPECT_EQ(store().load().value(), std::nullopt);
        ASSERT_EQ(reports_.size(), 1U);
        EXPECT_NE(reports_[0].find("multipath map dm-3 (mpatha): " + file() + " is not used: "),
                  std::string::npos)
            << reports_[0];
        EXPECT_NE(reports_[0].find("; it is now " + std::string(kMapUuid) + ".record.bad"),
                  std::string::npos);
        EXPECT_EQ(files(), std::vector<std::string>{std::string(kMapUuid) + ".record.bad"});
        EXPECT_EQ(store().load().value(), std::nullopt);
        EXPECT_EQ(reports_.size(), 1U) << "told once";
    }
}

TEST_F(RecordStoreTest, WhatIsNotOursIsPutAside) {
    EXPECT_TRUE(store().save(record()));
    const std::string target = directory_ / "elsewhere";
    write_file(target, record().to_text());
    std::filesystem::remove(file());
    std::filesystem::create_symlink(target, file());
    EXPECT_EQ(store().load().value(), std::nullopt) << "a link";
    EXPECT_TRUE(exists(target));

    EXPECT_TRUE(store().save(record()));
    ASSERT_EQ(::chown(file().c_str(), 4242, 4242), 0);
    EXPECT_EQ(store().load().value(), std::nullopt);
    EXPECT_NE(reports_.back().find("it belongs to user 4242"), std::string::npos) << reports_.back();

    ASSERT_EQ(::mkfifo(file().c_str(), 0600), 0);
    EXPECT_EQ(store().load().value(), std::nullopt) << "and does not wait for a writer";
}

TEST_F(RecordStoreTest, WhatCannotBeReadNowStaysWhereItIs) {
    EXPECT_TRUE(store().save(record()));
    FileRecordStore store = this->store();
    ASSERT_TRUE(store.load());
    struct rlimit before {};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit none{3, before.rlim_max};  // EMFILE at each open
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    const auto loaded = store.load();
    const auto again = store.load();
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    ASSERT_FALSE(loaded);
    EXPECT_FALSE(again);
    EXPECT_EQ(loaded.error().code, EMFILE);
    ASSERT_EQ(reports_.size(), 1U) << "told once";
    EXPECT_NE(reports_[0].find(file() + " cannot be read: open: Too many open files"), std::string::npos)
        << reports_[0];
    EXPECT_EQ(files(), std::vector<std::string>{std::string(kMapUuid) + ".record"});
    EXPECT_EQ(store.load().value(), record());
}

TEST_F(RecordStoreTest, ALinkIsReplacedAndNotWrittenThrough) {
    EXPECT_TRUE(store().save(record(1)));
    const std::string target = directory_ / "elsewhere";
    write_file(target, "precious");
    std::filesystem::create_symlink(target, file() + ".new");
    EXPECT_TRUE(store().save(record(2)));
    EXPECT_EQ(read_file(target), "precious");
    EXPECT_EQ(store().load().value(), record(2));
}

TEST_F(RecordStoreTest, ARestThatWasBeingWrittenChangesNothing) {
    EXPECT_TRUE(store().save(record(1)));
    write_file(file() + ".new", "version 1\nkey 0x");
    EXPECT_EQ(store().load().value(), record(1));
    EXPECT_TRUE(store().save(record(2)));
    EXPECT_EQ(store().load().value(), record(2));
}

TEST_F(RecordStoreTest, WithoutADirectoryItGoesOn) {
    std::vector<std::string> reports;
    StateDirectory nowhere(directory_ / "missing/state",
                           [&](std::string_view text) { reports.emplace_back(text); });
    FileRecordStore store(nowhere, kMapUuid, "dm-3",
                          [&](std::string_view text) { reports.emplace_back(text); });
    EXPECT_EQ(store.load().value(), std::nullopt);
    EXPECT_FALSE(store.save(record()));
    EXPECT_FALSE(store.save({}));
    ASSERT_EQ(reports.size(), 1U) << "told once";
    EXPECT_NE(reports[0].find("cannot use the state directory " + directory_.path() +
                              "/missing/state: No such file"),
              std::string::npos)
        << reports[0];
}

TEST_F(RecordStoreTest, AFailureIsToldOnceUntilOneSucceeds) {
    EXPECT_TRUE(store().save(record()));
    FileRecordStore store = this->store();
    const std::string blocked = file() + ".new";
    std::filesystem::create_directories(blocked + "/x");
    EXPECT_FALSE(store.save(record(2)));
    EXPECT_FALSE(store.save(record(2)));
    EXPECT_EQ(reports_.size(), 1U);
    EXPECT_EQ(store.load().value(), record()) << "what was saved before";
    std::filesystem::remove_all(blocked);
    EXPECT_TRUE(store.save(record(2)));
    std::filesystem::create_directories(blocked + "/x");
    EXPECT_FALSE(store.save(record(3)));
    EXPECT_EQ(reports_.size(), 2U);
}

}  // namespace
}  // namespace prh::test
