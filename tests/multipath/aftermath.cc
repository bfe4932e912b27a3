// SPDX-License-Identifier: MIT
#include "multipath/aftermath.h"

#include <set>
#include <utility>

namespace prh::multipath {
namespace {

/// The two ways to refuse a RELEASE of another type. The engine has to choose where the path that holds is
/// dead, and cannot know how this logical unit says it.
bool is_wrong_release(const std::string& answer) { return answer == "5/26/04" || answer == "CONFLICT"; }

}  // namespace

Aftermath::Aftermath(World& world, const Scenario& scenario, SimulatedLun before)
    : world_(world),
      command_(scenario.command),
      second_(scenario.otherwise ? *scenario.otherwise : scenario.command),
      before_(std::move(before)) {}

std::string Aftermath::of_answer(const std::string& answer, const Fault& fault) {
    complain(world_.writer.complaints());
    if (answer == "GOOD") {
        if (world_.expected() != "GOOD" && command_.cdb.is_persistent_reserve_out() &&
            !nobody_can_tell(fault))
            complain("GOOD instead of " + world_.expected());
        // What hung until now is for the next request.
        if (fault.effect == Effect::kLater) next_change();
        look_at_state("after GOOD");
    } else {
        if (!world_.foreign_difference(before_).empty() &&
            !world_.foreign_difference(world_.reference).empty())
            complain("after " + answer + ": " + world_.foreign_difference(world_.reference));
        retry();
    }
    look_at_returned_paths();
    return complaints_;
}

std::string Aftermath::of_death(bool record_lost) {
    complain(world_.writer.complaints());
    if (!world_.foreign_difference(before_).empty() && !world_.foreign_difference(world_.reference).empty())
        complain("after death: " + world_.foreign_difference(world_.reference));
    if (record_lost) {
        // What is left of a swap has keys that nobody knows. The guest's next registration sets it right.
        world_.store.lose();
        world_.restart();
        world_.guest_again(command_);
        if (!world_.foreign_difference(before_).empty() &&
            !world_.foreign_difference(world_.reference).empty())
            complain("record lost: " + world_.foreign_difference(world_.reference));
        return complaints_;
    }
    world_.restart();
    after_death_ = true;
    retry();
    complain(world_.writer.complaints());
    look_at_returned_paths();
    return complaints_;
}

/// Whether a preempted key was there before a PREEMPT whose answer was lost; it is not there now.
bool Aftermath::nobody_can_tell(const Fault& fault) const {
    const auto action = static_cast<PrOutAction>(command_.cdb.service_action());
    return fault.kind != Fault::Kind::kAnswered && action == PrOutAction::Preempt;
}

void Aftermath::retry() {
    bool any_online = false;
    for (std::size_t i = 0; i < world_.paths.size(); ++i) any_online |= world_.paths.online(i);
    if (!any_online) revive_paths();
    std::string again = world_.guest_again(second_);
    // A guest whose command was never answered may hear of its effect this way too.
    for (std::size_t i = 0; after_death_ && again.starts_with("6/2a/") && i < world_.paths.size(); ++i)
        again = world_.guest_again(second_);
    world_.paths.settle();
    // Executed now, or executed the first time: then it meets the state that it left itself.
    std::vector<std::uint8_t> data(command_.cdb.is_persistent_reserve_in() ? 8192 : 0);
    SimulatedLun after = world_.reference;
    const std::set<std::string> right{
        "GOOD", world_.expected(),
        test::brief(after.execute(world_.guest_nexus(), command_.cdb, command_.list, data))};
    if (!right.contains(again) && !(is_wrong_release(again) && is_wrong_release(world_.expected())))
        complain("the second attempt: " + again);
    if (again == "GOOD" && world_.expected() != "GOOD" && command_.cdb.is_persistent_reserve_out())
        complain("the second attempt: GOOD instead of " + world_.expected());
    look_at_state("after the second attempt");
}

void Aftermath::look_at_state(const char* when) {
    if (const std::string difference = world_.difference(); !difference.empty())
        complain(std::string(when) + ": " + difference);
    const auto record = world_.store.read();
    if (record && record->swap) complain(std::string(when) + ": the record has a swap left");
}

void Aftermath::look_at_returned_paths() {
    revive_paths();
    next_change();
    look_at_state("after the paths are back");
}

void Aftermath::revive_paths() {
    for (std::size_t i = 0; i < world_.paths.size(); ++i)
        if (!world_.paths.online(i)) world_.path_returns(i);
}

void Aftermath::next_change() {
    const Cdb unknown = Cdb::persistent_reserve_out(static_cast<PrOutAction>(8), 0, 24);
    for (int i = 0; i < 4; ++i)
        if (world_.guest_again({unknown, reg(0, 0).list}) == "5/24/00") return;
    complain("unit attentions without end");
}

void Aftermath::complain(const std::string& what) {
    if (what.empty()) return;
    complaints_ += (complaints_.empty() ? "" : " | ") + what;
}

}  // namespace prh::multipath
