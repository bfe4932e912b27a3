// SPDX-License-Identifier: MIT
// The power goes at every moment of what the store does to its files, and everything that the disk may hold
// then is loaded: it is the state before or the state after, once save() has returned the state after alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "emul/aptpl_store.h"
#include "support/power_cut.h"
#include "support/process.h"
#include "unit/emul_hosts.h"

namespace prh::test {
namespace {

constexpr LogicalUnitIdentity kIdentity{8, 17, 131073, 1767225600, 123};
using States = std::vector<AptplState>;

AptplState with_hosts(unsigned first, unsigned count) {
    AptplState state{true, {}, std::nullopt};
    for (unsigned host = first; host < first + count; ++host)
        state.registrations.push_back({nexus(host), {0x1000 + host}});
    if (count > 1) state.reservation = PersistentReservation{ReservationType::WriteExclusive, nexus(first)};
    return state;
}

/// Longer, shorter, gone, and there again; gone twice, as when the first time was answered with a failure.
States history() {
    return {with_hosts(1, 1), with_hosts(2, 3), with_hosts(3, 1), {}, {}, with_hosts(4, 2), with_hosts(5, 1)};
}

struct Step {
    std::size_t end;  ///< in the operations
    AptplState state;
    bool saved;
    bool in_place;  ///< the name was changed: what failed is the last step, if any
};
struct History {
    std::vector<FileOperation> operations;
    std::vector<Step> steps;
    std::size_t calls;
};

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

History record(const States& states, std::size_t failing = kNone, int code = 0) {
    const TemporaryDirectory directory;
    const auto store = AptplStore::open(directory.path());
    RecordedFiles files;
    files.fail(failing, code);
    History history;
    const std::string name = AptplStore::file_name(kIdentity);
    for (const AptplState& state : states) {
        const std::size_t begin = files.operations().size();
        const bool saved = store->save(kIdentity, state).has_value();
        const auto& done = files.operations();
        const bool in_place =
            std::any_of(done.begin() + static_cast<long>(begin), done.end(), [&](const auto& it) {
                return it.target == name || (it.kind == FileOperation::Kind::Unlink && it.name == name);
            });
        history.steps.push_back({done.size(), state, saved, in_place});
    }
    history.operations = files.operations();
    history.calls = files.calls();
    return history;
}

class PowerCut : public ::testing::Test {
  protected:
    /// The next process finds one of `allowed`, and can save.
    void load(const Files& files, const States& allowed) {
        ++loaded_;
        put_into_directory(files, directory_.path());
        const auto store = AptplStore::open(directory_.path());
        ASSERT_TRUE(store);
        const auto state = store->load(kIdentity);
        ASSERT_TRUE(state) << state.error().message;
        ASSERT_NE(std::find(allowed.begin(), allowed.end(), *state), allowed.end())
            << state->registrations.size() << " registrations";
        if (loaded_ % 8 != 0) return;  // a file that is replaced costs a file system more than a new one
        const RecordedFiles unsynchronised;
        const AptplState next = with_hosts(9, 2);
        ASSERT_TRUE(store->save(kIdentity, next));
        ASSERT_EQ(store->load(kIdentity), next);
    }

    void cut_everywhere(const History& history, Cuts cuts) {
        States allowed = {AptplState{}};
        std::size_t done = 0;
        for (const Step& step : history.steps) {
            States meanwhile = allowed;
            meanwhile.push_back(step.state);
            if (step.saved || step.in_place) allowed = step.saved ? States{step.state} : meanwhile;
            std::set<Files> seen;
            for (; done <= step.end; ++done)
                for (const Files& files : after_power_cut(std::span(history.operations).first(done), cuts)) {
                    if (done < step.end && !seen.insert(files).second) continue;
                    ASSERT_NO_FATAL_FAILURE(load(files, done == step.end ? allowed : meanwhile))
                        << "after " << done << " operations";
                }
        }
    }

    TemporaryDirectory directory_;
    std::size_t loaded_ = 0;
};

TEST_F(PowerCut, AtEveryMomentLeavesTheStateBeforeOrTheStateAfter) {
    const History all = record(history());
    for (const Step& step : all.steps) ASSERT_TRUE(step.saved);
    ASSERT_NO_FATAL_FAILURE(cut_everywhere(all, Cuts::EveryByte));
    EXPECT_GT(loaded_, 1000U) << "states of the disk";
}

TEST_F(PowerCut, AfterEveryCallThatCanFailLeavesWhatTheAnswersSaid) {
    const std::size_t calls = record(history()).calls;
    for (std::size_t failing = 0; failing < calls; ++failing)
        for (const int code : {EIO, ENOSPC}) {
            const History partly = record(history(), failing, code);
            ASSERT_NO_FATAL_FAILURE(cut_everywhere(partly, Cuts::Few)) << "call " << failing << " failed";
        }
    EXPECT_GT(loaded_, 1000U);
}

/// If a disk broke its promise nevertheless: what is not whole is refused, and is not taken for no state.
TEST_F(PowerCut, OnADiskThatLiesIsNoticed) {
    std::vector<FileOperation> operations;
    for (FileOperation& operation : record({with_hosts(1, 1), with_hosts(2, 3)}).operations)
        if (operation.kind != FileOperation::Kind::SyncFile) operations.push_back(std::move(operation));
    const std::string name = AptplStore::file_name(kIdentity);
    std::size_t refused = 0;
    for (const Files& files : after_power_cut(operations, Cuts::EveryByte)) {
        put_into_directory(files, directory_.path());
        const auto state = AptplStore::open(directory_.path())->load(kIdentity);
        ASSERT_TRUE(files.contains(name));
        if (!state) {
            ++refused;
            continue;
        }
        ASSERT_TRUE(state == with_hosts(1, 1) || state == with_hosts(2, 3)) << "a state that never was";
    }
    EXPECT_GT(refused, 100U);
}

}  // namespace
}  // namespace prh::test
