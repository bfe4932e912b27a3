// SPDX-License-Identifier: MIT
// One fault at every command that a request sends, whatever it is: what the guest is told is true, nothing of
// another host is touched, no path stays behind, no temporary key is left.
#include <gtest/gtest.h>

#include "multipath/aftermath.h"
#include "multipath/scenario.h"

namespace prh::multipath {
namespace {

std::vector<Sent> sent_without_fault(const Setting& setting, const Scenario& scenario) {
    World world(setting);
    scenario.prepare(world);
    const std::string answer = world.guest(scenario.command);
    EXPECT_EQ(answer, world.expected());
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.writer.complaints(), "");
    return world.paths.log();
}

std::string play(const Setting& setting, const Scenario& scenario, std::size_t number, const Fault& fault) {
    World world(setting);
    scenario.prepare(world);
    const SimulatedLun before = world.reference;
    world.paths.fail(number, fault);
    const std::string answer = world.guest(scenario.command);
    world.paths.settle();
    const std::string complaints = Aftermath(world, scenario, before).of_answer(answer, fault);
    if (complaints.empty()) return "";
    return "answered " + answer + ": " + complaints + "\n" + world.paths.story();
}

bool applies(const Fault& fault, const Sent& sent) {
    return fault.applies_to(sent.cdb, sent.other_key, sent.answer.result.status == ScsiStatus::Good);
}

class Faults : public testing::TestWithParam<Scenario> {};
INSTANTIATE_TEST_SUITE_P(Of, Faults, testing::ValuesIn(every_scenario()), scenario_name);

TEST_P(Faults, AtAnyCommandLeaveTheStateThatTheGuestWasTold) {
    int points = 0;
    for (const Setting& setting : settings_of_scenarios()) {
        const std::vector<Sent> log = sent_without_fault(setting, GetParam());
        for (std::size_t number = 0; number < log.size(); ++number)
            for (const Fault& fault : every_fault()) {
                if (!applies(fault, log[number])) continue;
                ++points;
                EXPECT_EQ(play(setting, GetParam(), number, fault), "")
                    << setting.name() << ", \"" << fault.name << "\" at command " << number << " down path "
                    << log[number].path << " (operation " << int{log[number].cdb.bytes()[0]} << "/"
                    << int{log[number].cdb.service_action()} << ")";
            }
    }
    RecordProperty("fault_points", points);
    EXPECT_GT(points, 0);
}

}  // namespace
}  // namespace prh::multipath
