// SPDX-License-Identifier: MIT
// The process dies right before or right after anything that it does to the world: the next one completes or
// undoes what was begun.
#include <gtest/gtest.h>

#include "multipath/aftermath.h"
#include "multipath/scenario.h"

namespace prh::multipath {
namespace {

std::size_t moments(const Setting& setting, const Scenario& scenario) {
    World world(setting);
    scenario.prepare(world);
    world.interruption.count_from_zero();
    world.guest(scenario.command);
    return world.interruption.passed();
}

enum class Next { kRequest, kWatch };

std::string play(const Setting& setting, const Scenario& scenario, std::size_t moment, bool record_lost,
                 Next next) {
    World world(setting);
    scenario.prepare(world);
    const SimulatedLun before = world.reference;
    world.interruption.count_from_zero();
    world.interruption.at(moment);
    EXPECT_THROW(world.guest(scenario.command), Death);
    world.interruption.never();
    if (next == Next::kWatch) {
        world.restart();
        world.tend();
    }
    const std::string complaints = Aftermath(world, scenario, before).of_death(record_lost);
    return complaints.empty() ? "" : complaints + "\n" + world.paths.story();
}

class Crashes : public testing::TestWithParam<Scenario> {};
INSTANTIATE_TEST_SUITE_P(Of, Crashes, testing::ValuesIn(every_scenario()), scenario_name);

TEST_P(Crashes, AtAnyMomentAreMadeGoodByTheNextProcess) {
    int points = 0;
    for (const Setting& setting : settings_of_scenarios()) {
        const std::size_t count = moments(setting, GetParam());
        for (std::size_t moment = 0; moment < count; ++moment)
            for (const auto& [record_lost, next] :
                 {std::pair(false, Next::kRequest), {true, Next::kRequest}, {false, Next::kWatch}}) {
                ++points;
                EXPECT_EQ(play(setting, GetParam(), moment, record_lost, next), "")
                    << setting.name() << ", death at moment " << moment << " of " << count
                    << (record_lost ? ", record lost" : "") << (next == Next::kWatch ? ", the watch" : "");
            }
    }
    RecordProperty("crash_points", points);
    EXPECT_GT(points, 0);
}

}  // namespace
}  // namespace prh::multipath
