// SPDX-License-Identifier: MIT
// One step of a scene: sent, or asked, and judged.
#include <fmt/format.h>

#include <algorithm>

#include "diagnose/validation.h"
#include "scsi/names.h"

namespace prh::ctl {
namespace {

Finding helper_is_gone(std::string_view command, const Failure& failure, const std::string& socket) {
    return {Fault::Helper,
            fmt::format("{}: {}", command, failure.message) +
                (failure.message.find(socket) == std::string::npos ? " (" + socket + ")" : "")};
}

bool is_unsupported(const Sent& sent) {
    const std::optional<SenseCode> code = sent.reply ? sent.reply->result.sense.code() : std::nullopt;
    return code && code->key == SenseKey::IllegalRequest;
}

}  // namespace

StepOutcome Validation::play(const Scene& scene, const Step& step) {
    StepOutcome outcome{&scene, &step};
    if (const auto* action = std::get_if<PrOutAction>(&step.what))
        command(step, *action, outcome);
    else
        ask(step, std::get<Question>(step.what), outcome);
    if (outcome.finding) outcome.status = StepStatus::Failed;
    return outcome;
}

void Validation::command(const Step& step, PrOutAction action, StepOutcome& outcome) {
    const ValidationKeys& keys = settings_.keys;
    const Sent sent =
        nodes_.send(step.sender, {action, keys.of(step.key), keys.of(step.new_key), step.aptpl});
    outcome.unit_attentions = sent.unit_attentions;
    if (sent.reply) outcome.result = sent.reply->result;
    const Due due = due_of(step);
    outcome.finding = judge_sent(due, sent, step.sender);
    if (!sent.reply) return;
    if (!outcome.finding) return look_after(step, outcome);
    // Is it somebody else's doing?
    const std::optional<DiskState> after = nodes_.look(step.sender).state;
    if (!after || !last_) return;
    outcome.finding = judge(step.sender, [&](const WayFacts& way) {
        return judge_result(due, sent.reply->result, way, *last_, *after);
    });
}

void Validation::ask(const Step& step, Question question, StepOutcome& outcome) {
    switch (question) {
        case Question::State: break;
        case Question::Capabilities:
        case Question::AptplActive: ask_capabilities(step, outcome); break;
        case Question::FullStatus: ask_full_status(step, outcome); break;
        case Question::MultipathdKey: ask_multipathd(step, outcome); break;
    }
    // What others have registered before is no step's business: make_room() has its say on that.
    if (question == Question::State || question == Question::Capabilities) {
        const ClusterNodes::Look look = nodes_.look(step.sender);
        last_ = look.state;
        if (!outcome.finding) outcome.finding = judge_look(look, step.sender);
        return;
    }
    // Whose registration is it that did not persist? Somebody else's explains more than a fault of the array.
    const std::optional<Finding> finding = outcome.finding;
    if (!finding || finding->fault == Fault::Array) look_after(step, outcome);
    if (!outcome.finding) outcome.finding = finding;
}

void Validation::ask_capabilities(const Step& step, StepOutcome& outcome) {
    const Sent sent = nodes_.read(step.sender, PrInAction::ReportCapabilities);
    const auto data = sent.good() ? ReportCapabilitiesData::parse(sent.reply->data) : std::nullopt;
    if (sent.reply) outcome.result = sent.reply->result;
    if (is_unsupported(sent)) {
        outcome.status = StepStatus::NotTested;  // neither cluster asks for it
        outcome.reason = fmt::format("the array does not support {}", command_name(step));
        return;
    }
    outcome.finding = judge_sent(due_of(step), sent, step.sender);
    if (outcome.finding) return;
    if (!data) {
        outcome.finding = {Fault::Array, fmt::format("{}: {} bytes are no answer", command_name(step),
                                                     sent.reply->data.size())};
    } else if (step.what == std::variant<PrOutAction, Question>(Question::AptplActive)) {
        if (!data->persist_activated)
            outcome.finding = {Fault::Array,
                               "REPORT CAPABILITIES: PTPL_A is 0 after a registration with APTPL: a loss "
                               "of power would end it"};
    } else {
        persists_ = data->persist_through_power_loss;
        if (data->type_mask_valid && !data->supports(kClusterType))
            outcome.finding = {Fault::Array, "REPORT CAPABILITIES: the array does not have type 5"};
    }
}

void Validation::ask_multipathd(const Step& step, StepOutcome& outcome) {
    const MultipathdAnswerSeen seen = nodes_.of(step.sender).ask_multipathd();
    if (seen.denied) {
        outcome.status = StepStatus::NotTested;
        outcome.reason = "multipathd tells root alone";
        return;
    }
    outcome.finding = judge_multipathd(seen, settings_.keys.of(step.first_has));
}

void Validation::ask_full_status(const Step& step, StepOutcome& outcome) {
    const Sent sent = nodes_.read(step.sender, PrInAction::ReadFullStatus);
    if (sent.reply) outcome.result = sent.reply->result;
    if (is_unsupported(sent)) {
        outcome.status = StepStatus::NotTested;
        outcome.reason = "the array does not support READ FULL STATUS, which is optional";
        return;
    }
    const Due due = due_of(step);
    outcome.finding = judge_sent(due, sent, step.sender);
    if (outcome.finding) return;
    const auto data = ReadFullStatusData::parse(sent.reply->data);
    DiskState told;
    if (data)
        for (const FullStatusDescriptor& descriptor : data->descriptors) told.keys.push_back(descriptor.key);
    if (last_) told.generation = last_->generation;
    outcome.finding =
        judge(step.sender, [&](const WayFacts& way) { return judge_state(due, told, told, way); });
}

void Validation::look_after(const Step& step, StepOutcome& outcome) {
    const Node other = step.sender == Node::First ? Node::Second : Node::First;
    for (const Node node : {step.sender, other}) {
        if (!nodes_.has(node) || (node != step.sender && !outcome.scene->two_nodes)) continue;
        const ClusterNodes::Look look = nodes_.look(node);
        outcome.finding = judge_look(look, node);
        if (look.state) {
            Due due = due_of(step);
            due.seen_by_other = node != step.sender;
            const DiskState before = last_.value_or(*look.state);
            last_ = look.state;
            outcome.finding =
                judge(node, [&](const WayFacts& way) { return judge_state(due, before, *look.state, way); });
        }
        if (outcome.finding) return;
    }
}

std::optional<Finding> Validation::judge_sent(const Due& due, const Sent& sent, Node node) {
    if (!sent.reply) return helper_is_gone(due.command, sent.reply.error(), nodes_.of(node).socket());
    if (sent.good()) answered_ = true;
    return judge(node, [&](const WayFacts& way) { return judge_result(due, sent.reply->result, way); });
}

std::optional<Finding> Validation::judge_look(const ClusterNodes::Look& look, Node node) {
    if (look.state) return std::nullopt;
    Due due;
    due.command = look.command;
    if (auto finding = judge_sent(due, look.sent, node)) return finding;
    return Finding{Fault::Array, fmt::format("{}: the answer is shorter than its header", look.command)};
}

std::optional<Finding> Validation::judge(Node node,
                                         const std::function<std::optional<Finding>(const WayFacts&)>& with) {
    WayFacts way = way_of(node);
    std::optional<Finding> finding = with(way);
    if (!finding || way.paths.empty()) return finding;
    way = nodes_.of(node).probed_way();
    way.answered = answered_;
    return with(way);
}

Due Validation::due_of(const Step& step) {
    const ValidationKeys& keys = settings_.keys;
    Due due;
    due.command = command_name(step);
    due.status = step.due;
    due.ours = keys.all();
    due.aptpl = step.aptpl;
    due.introduces_second = step.introduces_second;
    due.same_unit = settings_.same_unit;
    const auto add = [&](KeyName key, Node node) {
        if (key != KeyName::None)
            due.keys[keys.of(key)] += std::max<std::size_t>(1, way_of(node).paths.size());
    };
    add(step.first_has, Node::First);
    add(step.second_has, Node::Second);
    if (step.holder != KeyName::None) due.holder = keys.of(step.holder);
    return due;
}

WayFacts Validation::way_of(Node node) {
    if (!nodes_.has(node)) return {};
    const auto [known, is_new] = ways_.try_emplace(node);
    if (is_new) known->second = nodes_.of(node).way();
    WayFacts way = known->second;
    way.answered = answered_;
    return way;
}

}  // namespace prh::ctl
