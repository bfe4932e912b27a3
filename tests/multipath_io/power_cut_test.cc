// SPDX-License-Identifier: MIT
// The power goes, or the process dies, at every moment of what the record store does to its files: what is
// loaded then is the record before or the record after, and never one that is put aside as damaged.
#include "support/power_cut.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "multipath/record_store.h"
#include "support/process.h"

namespace prh::test {
namespace {

constexpr char kUuid[] = "mpath-36001405aabbccdd0";
using Records = std::vector<MapRecord>;

MapRecord with_paths(std::uint64_t key, unsigned paths) {
    MapRecord record;
    record.key = {key};
    for (unsigned path = 0; path < paths; ++path) record.missed.push_back("8:" + std::to_string(16 + path));
    return record;
}

Records history() {
    return {with_paths(1, 1), with_paths(2, 9), with_paths(3, 2), {}, {}, with_paths(4, 3), with_paths(5, 1)};
}

struct Step {
    std::size_t end;  ///< in the operations
    MapRecord record;
    bool saved;
};
struct History {
    std::vector<FileOperation> operations;
    std::vector<Step> steps;
    std::size_t calls;
};

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

class RecordPowerCut : public ::testing::Test {
  protected:
    FileRecordStore store(StateDirectory& directory) {
        return {directory, kUuid, "dm-3 (mpatha)",
                [this](std::string_view text) { reports_.emplace_back(text); }};
    }

    History record(std::size_t failing = kNone, int code = 0) {
        const TemporaryDirectory directory;
        StateDirectory state(directory.path(), [](std::string_view) {});
        FileRecordStore written = store(state);
        RecordedFiles files;
        files.fail(failing, code);
        History history;
        for (const MapRecord& next : prh::test::history()) {
            const bool saved = written.save(next);
            history.steps.push_back({files.operations().size(), next, saved});
        }
        history.operations = files.operations();
        history.calls = files.calls();
        reports_.clear();
        return history;
    }

    void load(const Files& files, const Records& allowed) {
        ++loaded_;
        put_into_directory(files, directory_.path());
        StateDirectory state(directory_.path(), [](std::string_view) {});
        const MapRecord loaded = store(state).load().value().value_or(MapRecord{});
        ASSERT_TRUE(reports_.empty()) << reports_[0];
        ASSERT_NE(std::find(allowed.begin(), allowed.end(), loaded), allowed.end()) << loaded.to_text();
        if (loaded_ % 8 != 0) return;  // a file that is replaced costs a file system more than a new one
        const RecordedFiles unsynchronised;
        ASSERT_TRUE(store(state).save(with_paths(9, 2)));
        ASSERT_EQ(store(state).load().value(), with_paths(9, 2));
    }

    /// After a failure either is allowed: the engine is told that the record is not kept.
    void end_everywhere(const History& history, Cuts cuts) {
        Records allowed = {MapRecord{}};
        std::size_t done = 0;
        for (const Step& step : history.steps) {
            Records meanwhile = allowed;
            meanwhile.push_back(step.record);
            allowed = step.saved ? Records{step.record} : meanwhile;
            std::set<Files> seen;
            for (; done <= step.end; ++done) {
                const auto operations = std::span(history.operations).first(done);
                const Records& expected = done == step.end ? allowed : meanwhile;
                ASSERT_NO_FATAL_FAILURE(load(after_death(operations), expected)) << done << " operations";
                for (const Files& files : after_power_cut(operations, cuts)) {
                    if (done < step.end && !seen.insert(files).second) continue;
                    ASSERT_NO_FATAL_FAILURE(load(files, expected)) << done << " operations";
                }
            }
        }
    }

    TemporaryDirectory directory_;
    std::vector<std::string> reports_;
    std::size_t loaded_ = 0;
};

TEST_F(RecordPowerCut, AtEveryMomentLeavesTheRecordBeforeOrTheRecordAfter) {
    const History all = record();
    for (const Step& step : all.steps) ASSERT_TRUE(step.saved);
    ASSERT_NO_FATAL_FAILURE(end_everywhere(all, Cuts::EveryByte));
    EXPECT_GT(loaded_, 1000U) << "states of the disk";
}

TEST_F(RecordPowerCut, AfterEveryCallThatCanFailLeavesWhatTheAnswersSaid) {
    const std::size_t calls = record().calls;
    for (std::size_t failing = 0; failing < calls; ++failing)
        for (const int code : {EIO, ENOSPC}) {
            const History partly = record(failing, code);
            ASSERT_NO_FATAL_FAILURE(end_everywhere(partly, Cuts::Few)) << "call " << failing << " failed";
        }
    EXPECT_GT(loaded_, 1000U);
}

}  // namespace
}  // namespace prh::test
