// SPDX-License-Identifier: MIT
// Plays a duel in every order of its commands, and with faults and deaths at every command as far as a budget
// goes. What two orders have in common is played once: a moment in which the logical unit and everything that
// the requests were told is the same goes on in the same way.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "multipath/orders.h"

namespace prh::multipath {

struct ExplorerBudget {
    std::size_t faults = 0;
    std::size_t deaths = 0;
    std::uint64_t runs = 5000;      ///< beyond it a plan is explored at random
    std::uint64_t random_runs = 0;  ///< so many times
    std::uint64_t seed = 1;
};

struct Defect {
    std::uint64_t count = 0;
    std::string plan, story;  ///< the shortest
    std::size_t turns = 0;
};

struct Tally {
    std::uint64_t runs = 0;  ///< schedules that were played
    double schedules = 0;    ///< different schedules of whole requests that these stand for
    std::uint64_t states = 0;
    std::uint64_t faults = 0;
    std::uint64_t deaths = 0;
    std::uint64_t cut_short = 0;  ///< plans that were too large to be explored whole
    std::map<std::string, Defect> defects;

    void add(const Tally& other);
    std::string to_string() const;
};

class Explorer {
  public:
    Explorer(const DuelPlan& plan, ExplorerBudget budget) : plan_(plan), budget_(budget), orders_(plan) {}

    Tally explore();

  private:
    struct Left {
        std::size_t faults, deaths;
    };
    struct Frame {
        std::uint64_t state;
        std::vector<Duel::Turn> turns;
        std::size_t next = 0;
        double schedules = 0;
    };

    bool play();
    void play_at_random(std::uint64_t& random);
    std::vector<Duel::Turn> turns(const Duel& duel, Left left) const;
    void take(Duel& duel, const Duel::Turn& turn, Left& left);
    std::string look(Duel& duel) const;
    void found(const std::string& what, const std::vector<Duel::Turn>& turns);

    const DuelPlan& plan_;
    const ExplorerBudget budget_;
    const Orders orders_;
    std::vector<Frame> frames_;
    std::unordered_map<std::uint64_t, double> seen_;  // states, and how many schedules go on from them
    Tally tally_;
};

}  // namespace prh::multipath
