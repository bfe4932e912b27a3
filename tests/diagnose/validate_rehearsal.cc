// SPDX-License-Identifier: MIT
#include "diagnose/validate_rehearsal.h"

#include <algorithm>

#include "scsi/pr_out_parameters.h"

namespace prh::test {
namespace {

constexpr unsigned kSecondPort = 0x20;
constexpr unsigned kStrangersPort = 0x30;

std::string path_name(unsigned path) { return std::string("sd") + static_cast<char>('a' + path); }

}  // namespace

RehearsedNode::RehearsedNode(Rehearsal& rehearsal, std::string device, unsigned first_port, unsigned paths)
    : unit(&rehearsal.unit),
      rehearsal_(rehearsal),
      device_(std::move(device)),
      first_port_(first_port),
      paths_(paths) {
    multipathd = [this] {
        const auto& keys = rehearsal_.keys;
        return ctl::MultipathdAnswerSeen{true, {}, keys.first, false};
    };
}

Nexus RehearsedNode::nexus(unsigned path) const {
    return {TransportId::sas(0x5001405000000000 + first_port_ + path), 1};
}

CommandResult RehearsedNode::carry_out(const Cdb& cdb, ConstBytes parameter_list,
                                       std::vector<std::uint8_t>& data) {
    const auto action = static_cast<PrOutAction>(cdb.service_action());
    const bool by_every_path = cdb.is_persistent_reserve_out() &&
                               (action == PrOutAction::Register || action == PrOutAction::Release ||
                                action == PrOutAction::RegisterAndIgnoreExistingKey);
    CommandResult result;
    for (unsigned path = 0; path < paths_; ++path) {
        if (std::find(skipped.begin(), skipped.end(), path) != skipped.end()) continue;
        result = unit->execute(nexus(path), cdb, parameter_list, data);
        // The unit attentions of the other paths are the helper's business.
        while (path > 0 && ctl::exit_code_of(result) == ctl::ExitCode::UnitAttention)
            result = unit->execute(nexus(path), cdb, parameter_list, data);
        if (!by_every_path || result.status != ScsiStatus::Good) break;
    }
    return result;
}

ctl::Expected<ctl::Reply> RehearsedNode::execute(const Cdb& cdb, ConstBytes parameter_list) {
    if (!connected_) return ctl::fail(ctl::ExitCode::Other, "there is no connection to the helper");
    if (helper_ != rehearsal_.helper) {
        connected_ = false;
        return ctl::fail(ctl::ExitCode::Other, "the helper closed the connection");
    }
    const Mishap mishap = rehearsal_.mishap(++rehearsal_.commands, cdb);
    const auto gone = [&] {
        connected_ = false;
        ++rehearsal_.helper;
        return ctl::fail(ctl::ExitCode::Other, "the helper closed the connection");
    };
    if (mishap == Mishap::NotSent) return gone();
    if (mishap == Mishap::PathLost)
        return ctl::Reply{CommandResult::check_condition(sense::kCommunicationFailure), {}};
    if (mishap == Mishap::Attention)
        return ctl::Reply{CommandResult::check_condition(sense::kPowerOnOccurred), {}};
    std::vector<std::uint8_t> data(cdb.is_persistent_reserve_in() ? cdb.allocation_length() : 0);
    CommandResult result = carry_out(cdb, parameter_list, data);
    if (rehearsal_.distort) rehearsal_.distort(cdb, *this, result);
    if (mishap == Mishap::AnswerLost) return gone();
    data.resize(result.data_length);
    return ctl::Reply{result, std::move(data)};
}

bool RehearsedNode::reconnect() {
    if (connected_ || !rehearsal_.helper_returns) return connected_;
    helper_ = rehearsal_.helper;
    return connected_ = true;
}

ctl::WayFacts RehearsedNode::way() {
    ctl::WayFacts facts;
    facts.multipath = paths_ > 1;
    for (unsigned path = 0; path < paths_; ++path) facts.paths.push_back(path_name(path));
    return facts;
}

ctl::WayFacts RehearsedNode::probed_way() {
    ctl::WayFacts facts = way();
    if (skipped_fail)
        for (const unsigned path : skipped) facts.failed.push_back(path_name(path));
    return facts;
}

LogicalUnitTraits Rehearsal::persistent() {
    LogicalUnitTraits traits;
    traits.persists_through_power_loss = true;
    return traits;
}

ctl::ValidationOutcome Rehearsal::play(bool two_nodes, bool clear_keys,
                                       const std::function<void(RehearsedNode&, RehearsedNode&)>& prepare) {
    RehearsedNode first(*this, "/dev/first", 0, first_paths), second(*this, "/dev/second", kSecondPort, 1);
    if (prepare) prepare(first, second);
    ctl::Validation::Settings settings;
    settings.keys = keys;
    settings.clear_keys = clear_keys;
    settings.aborts = true;
    settings.stopped = stopped;
    return ctl::Validation(first, two_nodes ? &second : nullptr, std::move(settings)).run();
}

void Rehearsal::stranger_registers(std::uint64_t key) {
    PrOutParameters parameters;
    parameters.service_action_key = {key};
    const auto list = parameters.encode();
    const Nexus stranger{TransportId::sas(0x5001405000000000 + kStrangersPort), 1};
    unit.execute(stranger,
                 Cdb::persistent_reserve_out(PrOutAction::RegisterAndIgnoreExistingKey, 0,
                                             static_cast<std::uint32_t>(list.size())),
                 list, {});
}

bool Rehearsal::is_registered(std::uint64_t key) const {
    const auto& list = unit.registrations().list();
    return std::any_of(list.begin(), list.end(),
                       [&](const Registration& registration) { return registration.key.value == key; });
}

const ctl::StepOutcome* failed_step(const ctl::ValidationOutcome& outcome) {
    for (const ctl::StepOutcome& step : outcome.steps)
        if (step.status == ctl::StepStatus::Failed) return &step;
    return nullptr;
}

std::string finding_of(const ctl::ValidationOutcome& outcome) {
    const ctl::StepOutcome* const step = failed_step(outcome);
    if (step == nullptr) return "";
    return std::string(step->step->name) + ": " + std::string(name(step->finding->fault)) + ": " +
           step->finding->words;
}

std::string fault_of(const ctl::ValidationOutcome& outcome) {
    const ctl::StepOutcome* const step = failed_step(outcome);
    return step == nullptr ? "" : std::string(name(step->finding->fault));
}

}  // namespace prh::test
