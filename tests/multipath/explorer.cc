// SPDX-License-Identifier: MIT
#include "multipath/explorer.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace prh::multipath {
namespace {

/// Of every_fault() those that leave a request without knowing what became of its command.
const std::vector<const Fault*>& explored_faults() {
    static const std::vector<const Fault*> some = [] {
        std::vector<const Fault*> list;
        for (const Fault& one : every_fault())
            if (one.kind == Fault::Kind::kUnreachable) list.push_back(&one);
        return list;
    }();
    return some;
}

bool is_for_a_moment(const std::string& wrong) { return wrong.starts_with(kForAMoment); }

bool all_ended(const Duel& duel) {
    for (std::size_t i = 0; i < duel.requests(); ++i)
        if (!duel.ended(i)) return false;
    return true;
}

}  // namespace

void Tally::add(const Tally& other) {
    runs += other.runs;
    schedules += other.schedules;
    states += other.states;
    faults += other.faults;
    deaths += other.deaths;
    cut_short += other.cut_short;
    for (const auto& [what, defect] : other.defects) {
        Defect& mine = defects[what];
        if (mine.count == 0 || defect.turns < mine.turns) {
            const std::uint64_t count = mine.count;
            mine = defect;
            mine.count = count;
        }
        mine.count += defect.count;
    }
}

std::string Tally::to_string() const {
    return fmt::format(
        "{} schedules played, for {:.3g} different ones; {} states, {} faults, {} deaths, {} plans cut short",
        runs, schedules, states, faults, deaths, cut_short);
}

Tally Explorer::explore() {
    bool more = true;
    while (more && tally_.runs < budget_.runs) more = play();
    if (more) {
        ++tally_.cut_short;
        std::uint64_t random = budget_.seed;
        for (std::uint64_t i = 0; i < budget_.random_runs; ++i) play_at_random(random);
    } else if (!frames_.empty()) {
        tally_.schedules = frames_.front().schedules;
    }
    tally_.states = seen_.size();
    return tally_;
}

/// One schedule: the turns that the frames say, then the first ones. False: that was the last.
bool Explorer::play() {
    ++tally_.runs;
    Duel duel(plan_);
    Left left{budget_.faults, budget_.deaths};
    double schedules = 0;
    for (std::size_t depth = 0;; ++depth) {
        if (all_ended(duel)) {
            schedules = 1;
            break;
        }
        if (depth == frames_.size()) {
            const std::uint64_t state = duel.state() * 64 + left.faults * 8 + left.deaths;
            const auto [known, is_new] = seen_.emplace(state, 0);
            if (!is_new) {
                schedules = known->second;
                break;
            }
            frames_.push_back({state, turns(duel, left), 0, 0});
        }
        const Frame& frame = frames_[depth];
        const Duel::Turn turn = frame.turns.at(frame.next);
        std::string wrong;
        try {
            take(duel, turn, left);
            wrong = look(duel);
        } catch (const std::logic_error& error) {
            wrong = error.what();
        }
        if (wrong.empty()) continue;
        std::vector<Duel::Turn> way;
        for (std::size_t i = 0; i <= depth; ++i) way.push_back(frames_[i].turns[frames_[i].next]);
        found(wrong, way);
        if (is_for_a_moment(wrong)) continue;
        schedules = 1;
        break;
    }
    // Back to the last moment at which something else may be done.
    while (!frames_.empty()) {
        Frame& last = frames_.back();
        last.schedules += schedules;
        if (++last.next < last.turns.size()) return true;
        schedules = last.schedules;
        seen_[last.state] = schedules;
        if (frames_.size() == 1) return false;
        frames_.pop_back();
    }
    return false;
}

void Explorer::play_at_random(std::uint64_t& random) {
    ++tally_.runs;
    tally_.schedules += 1;
    Duel duel(plan_);
    Left left{budget_.faults, budget_.deaths};
    std::vector<Duel::Turn> way;
    while (!all_ended(duel)) {
        const auto some = turns(duel, left);
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        // Faults and deaths are many of the turns: one in eight is enough.
        const auto plain =
            static_cast<std::size_t>(std::count_if(some.begin(), some.end(), [](const auto& turn) {
                return turn.fault == nullptr && turn.death == Duel::Turn::Death::kNone;
            }));
        const std::size_t among = random >> 40 & 7 ? plain : some.size();
        way.push_back(some[(random >> 20) % among]);
        std::string wrong;
        try {
            take(duel, way.back(), left);
            wrong = look(duel);
        } catch (const std::logic_error& error) {
            wrong = error.what();
        }
        if (wrong.empty()) continue;
        found(wrong, way);
        if (!is_for_a_moment(wrong)) return;
    }
}

/// The plain turns come first.
std::vector<Duel::Turn> Explorer::turns(const Duel& duel, Left left) const {
    using DeathAt = Duel::Turn::Death;
    std::vector<Duel::Turn> all;
    for (std::size_t i = 0; i < duel.requests(); ++i)
        if (duel.may_step(i)) all.push_back({i, nullptr, DeathAt::kNone});
    if (all.empty()) throw std::logic_error("nobody can go on");
    const std::size_t plain = all.size();
    for (std::size_t i = 0; i < plain; ++i) {
        const std::size_t request = all[i].request;
        if (plan_.requests[request].host == kPlain) continue;
        if (left.faults > 0)
            for (const Fault* const fault : explored_faults())
                all.push_back({request, fault, DeathAt::kNone});
        if (left.deaths > 0)
            for (const DeathAt death : {DeathAt::kBeforeCommand, DeathAt::kAfterCommand})
                all.push_back({request, nullptr, death});
    }
    return all;
}

void Explorer::take(Duel& duel, const Duel::Turn& turn, Left& left) {
    if (turn.fault != nullptr) {
        --left.faults;
        ++tally_.faults;
    }
    if (turn.death != Duel::Turn::Death::kNone) {
        --left.deaths;
        ++tally_.deaths;
    }
    duel.step(turn);
}

std::string Explorer::look(Duel& duel) const {
    std::string wrong = orders_.of_moment(duel);
    if (!all_ended(duel)) return wrong;
    // What a fault or a death leaves is for the next request, or the next start.
    if (!wrong.empty() && !is_for_a_moment(wrong)) return wrong;
    const bool is_whole = budget_.faults + budget_.deaths == 0;
    if (is_whole && is_for_a_moment(wrong)) return wrong.substr(kForAMoment.size());
    if (is_whole) wrong = orders_.of_end(duel);
    if (is_whole && !wrong.empty()) return wrong;
    duel.settle();
    wrong = orders_.of_moment(duel);
    if (is_for_a_moment(wrong)) wrong = wrong.substr(kForAMoment.size());
    if (wrong.empty()) wrong = orders_.of_end(duel);
    return wrong.empty() ? wrong : wrong + ", after the next request";
}

void Explorer::found(const std::string& what, const std::vector<Duel::Turn>& turns) {
    std::string name;
    for (const GuestRequest& one : plan_.requests)
        name += (name.empty() ? "" : " with ") + name_of_request(one);
    Defect& defect = tally_.defects[name + ": " + what];
    ++defect.count;
    if (defect.count > 1 && defect.turns <= turns.size()) return;
    Duel again(plan_);
    again.keep_story();
    Left left{budget_.faults, budget_.deaths};
    try {
        for (const Duel::Turn& turn : turns) take(again, turn, left);
        look(again);
    } catch (const std::logic_error& error) {
        defect.story = error.what();
    }
    defect.story = again.story();
    defect.plan = plan_.name;
    defect.turns = turns.size();
}

}  // namespace prh::multipath
