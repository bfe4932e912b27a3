// SPDX-License-Identifier: MIT
// Random histories of a guest on several paths, of two other hosts and of paths that go and return, against a
// reference where the guest is a single nexus.
//
// What may differ, and why:
// - READ KEYS and READ FULL STATUS name the guest once per path; a path that is down may show a key that it
//   could not be told to forget. The keys of the paths that are online are those of the reference.
// - Unit attentions. As long as no path went down, the guest sees exactly those of the reference, in the same
//   commands. A path that returns brings along what the guest saw elsewhere already, and may not have those
//   of the time in which it was not registered; so after that they are taken away before each command.
// - A path that is down cannot be unregistered. An all-registrants reservation is then not released, since a
//   registrant is left. (A reservation with one holder is taken over from a dead path.) Here paths return
//   before a reservation of that kind matters.
// - A path that is down may have the guest's last key but one: whoever preempts that gets GOOD for CONFLICT.
//   Here no such command is sent.
// - PREEMPT of a key that nobody has, lost on a path that just died: the engine finds the key gone, and
// cannot
//   know that it was not there before. GOOD instead of CONFLICT, if the guest is registered.
// - A wrong RELEASE of what a dead path holds is refused, but the engine must choose in which words.
// - The other hosts have keys of their own here. With the key of a dead path of ours on another host, nobody
//   can take over from that path without preempting that host: rows_preempting_test.cc, row 76.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "multipath/random_step.h"

namespace prh::multipath {
namespace {

class History {
  public:
    History(const Setting& setting, bool paths_go) : world_(setting), paths_go_(paths_go) {}

    void play(const Step& step) {
        switch (step.kind) {
            case Step::Kind::kGuest: return guest(step);
            case Step::Kind::kOther: return other(step);
            case Step::Kind::kPathDown: return path_down(step);
            case Step::Kind::kPathUp: return path_up(path_of(step));
        }
    }

    /// How often a service action ended how, and what was held.
    const std::map<std::string, int>& seen() const { return seen_; }

  private:
    bool dead_path_holds() const {
        for (std::size_t i = 0; i < world_.paths.size(); ++i)
            if (!world_.paths.online(i) && world_.lun.unit().is_holder(world_.paths.nexus(i))) return true;
        return false;
    }

    std::size_t path_of(const Step& step) const { return unsigned(step.path) % world_.paths.size(); }

    void guest(const Step& step) {
        const GuestCommand command = command_of(step, world_);
        if (all_registrants_hold() || is_about_an_old_key(command)) everything_returns();
        if (went_down_) take_attentions_away();
        const bool may_be_lost = some_path_is_dead_unnoticed() && is_preempt(command);
        const std::string answer = world_.guest(command);
        RC_LOG() << "guest: " << command.to_string() << " -> " << answer << ", expected " << world_.expected()
                 << "; " << world_.keys() << "; " << world_.held() << "\n";
        ++seen_[(step.in ? "in " : std::to_string(step.action) + " ") + answer];
        if (const auto& held = world_.lun.unit().reservation())
            ++seen_["type " + std::to_string(static_cast<int>(held->type)) +
                    (dead_path_holds() ? " dead" : "")];
        const bool refused_release = command.cdb.service_action() == 2 && world_.expected() == "CONFLICT";
        const bool guessed = may_be_lost && world_.expected() == "CONFLICT" && answer == "GOOD";
        if (guessed) RC_ASSERT(world_.reference.unit().registrations().contains(world_.guest_nexus()));
        if (!guessed && !(refused_release && answer == "5/26/04")) RC_ASSERT(answer == world_.expected());
        RC_ASSERT(world_.foreign_difference(world_.reference) == "");
        if (step.is_out()) RC_ASSERT(world_.difference() == "");
        // What multipathd and the engine register later is as the guest's last REGISTER was.
        if (!went_down_) RC_ASSERT(world_.lun.unit().aptpl() == world_.reference.unit().aptpl());
        RC_ASSERT(world_.writer.complaints() == "");
        if (!went_down_) RC_ASSERT(world_.left_attentions() == "");
        const auto record = world_.store.read();
        RC_ASSERT((!record || !record->swap));
        if (step.in && step.action == 0 && answer == "GOOD") compare_keys();
    }

    void other(const Step& step) {
        const auto host = unsigned(step.host);
        const GuestCommand command = command_of(step, world_);
        if (all_registrants_hold() || is_about_an_old_key(command)) everything_returns();
        const Nexus nexus = World::other_nexus(host);
        RC_ASSERT(world_.lun.pending(nexus) == world_.reference.pending(nexus));
        const std::string answer = world_.other(command, host);
        RC_LOG() << "host " << host << ": " << command.to_string() << " -> " << answer << "; "
                 << world_.keys() << "; " << world_.held() << "\n";
        RC_ASSERT(world_.foreign_difference(world_.reference) == "");
    }

    void path_down(const Step& step) {
        std::size_t online = 0;
        for (std::size_t i = 0; i < world_.paths.size(); ++i) online += world_.paths.online(i);
        if (!paths_go_ || online < 2 || !world_.paths.online(path_of(step))) return;
        RC_LOG() << "path " << path_of(step) << " goes\n";
        world_.paths.become(path_of(step), step.flag ? Health::kUnnoticed : Health::kOffline);
        went_down_ = true;
    }

    void path_up(std::size_t path) {
        if (world_.paths.online(path)) return;
        world_.path_returns(path);
        RC_LOG() << "path " << path << " returns; " << world_.keys() << "\n";
    }

    void everything_returns() {
        for (std::size_t i = 0; i < world_.paths.size(); ++i) path_up(i);
        if (!went_down_) return;
        world_.writer.expect_nothing();
        take_attentions_away();
        world_.guest_again({Cdb::persistent_reserve_out(static_cast<PrOutAction>(8), 0, 24), reg(0, 0).list});
    }

    bool all_registrants_hold() const {
        const auto& held = world_.lun.unit().reservation();
        return held && is_all_registrants(held->type);
    }

    bool some_path_is_dead_unnoticed() const {
        for (std::size_t i = 0; i < world_.paths.size(); ++i)
            if (world_.paths.health(i) == Health::kUnnoticed) return true;
        return false;
    }

    static bool is_preempt(const GuestCommand& command) {
        return command.cdb.is_persistent_reserve_out() &&
               (command.cdb.service_action() == 4 || command.cdb.service_action() == 5);
    }

    /// A key that only a path of ours has that is down.
    bool is_about_an_old_key(const GuestCommand& command) const {
        if (command.list.size() < 16) return false;
        const std::uint64_t key = load_be<std::uint64_t>(&command.list[8]);
        const std::vector<std::uint64_t> right = test::keys(world_.reference.unit());
        const std::vector<std::uint64_t> seen = test::keys(world_.lun.unit());
        return std::count(seen.begin(), seen.end(), key) != 0 &&
               std::count(right.begin(), right.end(), key) == 0;
    }

    void take_attentions_away() {
        for (std::size_t i = 0; i < world_.paths.size(); ++i)
            while (!world_.lun.pending(world_.paths.nexus(i)).empty()) world_.behind_the_back(i, {});
        while (!world_.reference.pending(world_.guest_nexus()).empty())
            world_.reference.execute(world_.guest_nexus(), {}, {}, {});
    }

    void compare_keys() {
        std::set<std::uint64_t> seen, right;
        const auto data = ReadKeysData::parse(world_.data());
        const auto expected = ReadKeysData::parse(world_.expected_data());
        RC_ASSERT((data && expected));
        for (const ReservationKey key : data->keys) seen.insert(key.value);
        for (const ReservationKey key : expected->keys) right.insert(key.value);
        for (std::size_t i = 0; i < world_.paths.size(); ++i)
            if (const auto key = world_.lun.unit().registrations().key_of(world_.paths.nexus(i));
                key && !world_.paths.online(i) && !right.contains(key->value))
                seen.erase(key->value);
        if (!went_down_) RC_ASSERT(seen == right);
        RC_ASSERT(std::includes(right.begin(), right.end(), seen.begin(), seen.end()));
    }

    World world_;
    const bool paths_go_;
    bool went_down_ = false;
    std::map<std::string, int> seen_;
};

void play_history(const Setting& setting, bool paths_go) {
    History history(setting, paths_go);
    for (const Step& step : *rc::gen::container<std::vector<Step>>(any_step())) history.play(step);
}

using Kind = FakeManager::Kind;

RC_GTEST_PROP(RandomHistory, OfTwoPathsIsThatOfOne, (bool lio, bool ports_known)) {
    play_history({lio ? Dialect::kLio : Dialect::kSpc, 2, ports_known, Kind::kPresent, false}, false);
}

RC_GTEST_PROP(RandomHistory, OfFourPathsIsThatOfOne, (bool lio, bool ports_known)) {
    play_history({lio ? Dialect::kLio : Dialect::kSpc, 4, ports_known, Kind::kAbsent, true}, false);
}

RC_GTEST_PROP(RandomHistory, OfPathsThatGoAndReturnIsThatOfOne, (bool lio, bool ports_known)) {
    play_history({lio ? Dialect::kLio : Dialect::kSpc, 2, ports_known, Kind::kAbsent, false}, true);
}

RC_GTEST_PROP(RandomHistory, OfPathsThatMultipathdRegistersIsThatOfOne, (bool lio, bool ports_known)) {
    play_history({lio ? Dialect::kLio : Dialect::kSpc, 3, ports_known, Kind::kPresent, true}, true);
}

/// A generator that never gets anywhere would make the comparison worthless. The seeds are fixed: what these
/// histories reach, they always reach.
TEST(RandomHistory, ReachesWhatMatters) {
    std::map<std::string, int> seen;
    const auto steps = rc::gen::container<std::vector<Step>>(300, any_step());
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        History history({seed % 2 == 0 ? Dialect::kLio : Dialect::kSpc, 3, true, Kind::kAbsent, false}, true);
        for (const Step& step : steps(rc::Random(seed), rc::kNominalSize).value()) history.play(step);
        for (const auto& [what, count] : history.seen()) seen[what] += count;
    }
    for (const char* what :
         {"0 GOOD",     "1 GOOD",     "2 GOOD",    "3 GOOD",     "4 GOOD",      "5 GOOD",
          "6 GOOD",     "7 GOOD",     "in GOOD",   "0 CONFLICT", "1 CONFLICT",  "2 CONFLICT",
          "4 CONFLICT", "7 CONFLICT", "4 5/26/00", "7 5/24/00",  "1 2/08/00",   "type 1",
          "type 3",     "type 5",     "type 6",    "type 7",     "type 5 dead", "type 6 dead"})
        EXPECT_GT(seen[what], 0) << what;
}

}  // namespace
}  // namespace prh::multipath
