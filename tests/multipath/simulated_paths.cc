// SPDX-License-Identifier: MIT
#include "multipath/simulated_paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/check.h"
#include "scsi/names.h"
#include "scsi/pr_out_parameters.h"
#include "unit/emul_hosts.h"

namespace prh::multipath {
namespace {

constexpr std::size_t kEndless = 2000;  ///< commands of one request; the longest have some hundred

PathAnswer lost(Delivery delivery) {
    return {delivery, CommandResult::check_condition(sense::kCommunicationFailure)};
}

}  // namespace

std::string Sent::to_string() const {
    const char* const deliveries[] = {"", "unreachable ", "timed out "};
    return fmt::format("path {}: {} {:x} {:x} type {} -> {}{}\n", path,
                       cdb == Cdb() ? "TEST UNIT READY" : name_of_action(cdb), key, other_key, cdb.type(),
                       deliveries[static_cast<int>(answer.delivery)], test::brief(answer.result));
}

std::string SimulatedPaths::story_of_request() const {
    std::string story;
    if (!keeps_story_) return story;
    for (const Sent& one : log_) story += one.to_string();
    return story + "--\n";
}

SimulatedPaths::SimulatedPaths(SimulatedLun& lun, Interruption& interruption, std::vector<Nexus> nexuses,
                               bool ports_known)
    : lun_(lun), interruption_(interruption), ports_known_(ports_known) {
    for (Nexus& nexus : nexuses) all_.push_back({std::move(nexus)});
    refresh();
}

bool SimulatedPaths::usable(std::size_t path) const {
    const Health health = all_[shown(path)].health;
    return health == Health::kOnline || health == Health::kUnnoticed;
}

std::vector<std::string> SimulatedPaths::out_of_reach() {
    std::vector<std::string> some;
    for (const std::size_t path : shown_)
        if (health(path) == Health::kOutOfReach) some.push_back(device(path) + ": Operation not permitted");
    return some;
}

std::string SimulatedPaths::name(std::size_t path) const { return device(shown(path)); }

std::optional<PortPair> SimulatedPaths::ports(std::size_t path) const {
    if (!ports_known_) return std::nullopt;
    const Nexus& nexus = all_[shown(path)].nexus;
    return PortPair{nexus.initiator_port, nexus.target_port};
}

void SimulatedPaths::refresh() {
    shown_.clear();
    for (std::size_t i = 0; i < all_.size(); ++i) {
        if (all_[i].health == Health::kUnnoticed) all_[i].health = Health::kOffline;
        if (all_[i].health != Health::kRemoved) shown_.push_back(i);
    }
}

PathAnswer SimulatedPaths::send(std::size_t path, const PathCommand& command) {
    interruption_.moment();
    const std::size_t number = log_.size();
    if (number > kEndless) throw std::logic_error("a request without an end");
    before_each_command(number);
    log_.push_back({shown(path), command.cdb});
    if (command.parameter_list.size() >= 16) {
        log_.back().key = load_be<std::uint64_t>(command.parameter_list.data());
        log_.back().other_key = load_be<std::uint64_t>(&command.parameter_list[8]);
    }
    PathAnswer answer;
    const auto planned = std::find_if(planned_.begin(), planned_.end(),
                                      [&](const Planned& one) { return one.number == number; });
    if (!usable(path) || health(shown(path)) == Health::kUnnoticed) {
        answer = lost(health(shown(path)) == Health::kHanging ? Delivery::TimedOut : Delivery::Unreachable);
    } else if (planned != planned_.end()) {
        const Fault fault = planned->fault;
        planned_.erase(planned);
        answer = happens(fault, shown(path), command);
    } else {
        answer = execute(shown(path), command);
    }
    log_[number].answer = answer;
    interruption_.moment();
    return answer;
}

std::vector<PathAnswer> SimulatedPaths::send_all(std::span<const Sending> sendings) {
    std::vector<PathAnswer> answers(sendings.size());
    for (std::size_t i = 0; i < sendings.size(); ++i) {
        const std::size_t at = reverse_ ? sendings.size() - 1 - i : i;
        for (std::size_t other = 0; other < at; ++other) PRH_CHECK(sendings[other].path != sendings[at].path);
        answers[at] = send(sendings[at].path, sendings[at].command);
    }
    return answers;
}

PathAnswer SimulatedPaths::execute(std::size_t path, const PathCommand& command) {
    const CommandResult result =
        lun_.execute(all_[path].nexus, command.cdb, command.parameter_list, command.data_in);
    after_each_command();
    return {Delivery::Answered, result};
}

PathAnswer SimulatedPaths::happens(const Fault& fault, std::size_t path, const PathCommand& command) {
    all_[path].failed = fault.kind == Fault::Kind::kUnreachable || fault.kind == Fault::Kind::kTimedOut;
    if (fault.kind == Fault::Kind::kAnswered) return {Delivery::Answered, fault.answer};
    if (fault.kind == Fault::Kind::kDoneBefore) {
        done_before(path, command);
        return execute(path, command);
    }
    if (fault.effect == Effect::kNow) execute(path, command);
    if (fault.effect == Effect::kLater) {
        const ConstBytes list = command.parameter_list;
        late_.push_back({path, command.cdb, {list.begin(), list.end()}});
        all_[path].health = Health::kHanging;
    }
    if (fault.path_dies) all_[path].health = Health::kUnnoticed;
    return lost(fault.kind == Fault::Kind::kTimedOut ? Delivery::TimedOut : Delivery::Unreachable);
}

void SimulatedPaths::done_before(std::size_t path, const PathCommand& command) {
    // Without TransportIDs: those would be somebody else's registrations.
    const auto asked = PrOutParameters::parse(command.parameter_list, PrOutAction::Register);
    if (!asked) return;
    const PrOutParameters done{{}, asked->service_action_key, false, asked->all_tg_pt, asked->aptpl, {}};
    const std::vector<std::uint8_t> list = done.encode();
    const Cdb cdb = Cdb::persistent_reserve_out(PrOutAction::RegisterAndIgnoreExistingKey, 0,
                                                static_cast<std::uint32_t>(list.size()));
    execute(path, {cdb, list, {}});
}

void SimulatedPaths::settle() {
    for (const Late& late : std::exchange(late_, {})) {
        lun_.execute(all_[late.path].nexus, late.cdb, late.list, {});
        if (all_[late.path].health == Health::kHanging) all_[late.path].health = Health::kOnline;
    }
    planned_.clear();
    for (Path& path : all_)
        if (path.health == Health::kUnnoticed) path.health = Health::kOffline;
}

}  // namespace prh::multipath
