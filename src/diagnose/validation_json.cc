// SPDX-License-Identifier: MIT
#include <nlohmann/json.hpp>

#include "diagnose/validation_report.h"
#include "scsi/names.h"

namespace prh::ctl {
namespace {

using Json = nlohmann::ordered_json;

std::string_view word(StepStatus status) {
    switch (status) {
        case StepStatus::Ok: return "ok";
        case StepStatus::Failed: return "failed";
        case StepStatus::NotTested: return "not_tested";
    }
    return "?";
}

Json texts(const std::vector<ReservationKey>& keys) {
    Json array = Json::array();
    for (const ReservationKey key : keys) array.push_back(to_string(key));
    return array;
}

Json json_of(const StepOutcome& outcome) {
    Json step;
    step["scene"] = outcome.scene->name;
    step["step"] = outcome.step->name;
    step["title"] = outcome.step->title;
    step["for"] = Json::array();
    for (const ClusterKind& kind : cluster_kinds())
        if ((outcome.step->users & kind.bit) != 0) step["for"].push_back(kind.name);
    step["node"] = outcome.step->sender == Node::First ? "first" : "second";
    step["command"] = command_name(*outcome.step);
    step["due"] = name(outcome.step->due);
    step["status"] = word(outcome.status);
    if (outcome.status == StepStatus::NotTested) step["reason"] = outcome.reason;
    if (outcome.result) step["answer"] = to_string(*outcome.result);
    if (outcome.unit_attentions > 0) step["unit_attentions"] = outcome.unit_attentions;
    if (outcome.finding) {
        step["fault"] = name(outcome.finding->fault);
        step["explanation"] = outcome.finding->words;
    }
    return step;
}

Json json_of(const Verdict& verdict) {
    Json object;
    object["result"] = name(verdict.suitability);
    object["failed"] = verdict.failed;
    object["not_tested"] = verdict.not_tested;
    return object;
}

Json json_of(const ValidationSubject& subject, const Leftover& left) {
    Json object;
    object["key"] = to_string(left.key);
    object["device"] = left.node == Node::First ? subject.device : subject.second;
    object["certain"] = left.certain;
    object["remove"] = removing(subject, left);
    return object;
}

}  // namespace

std::string render_json(const ValidationSubject& subject, const ValidationOutcome& outcome) {
    Json object;
    object["command"] = "validate";
    object["socket"] = subject.socket;
    object["device"] = subject.device;
    object["second"] = subject.second.empty() ? Json(nullptr) : Json(subject.second);
    object["second_socket"] = subject.second.empty() ? Json(nullptr) : Json(subject.second_socket);
    object["exit_code"] = static_cast<int>(exit_code_of(outcome));
    if (outcome.refusal) object["error"] = outcome.refusal->message;
    object["keys"] = texts(subject.keys.all());
    object["cleared"] = texts(outcome.cleared);
    object["interrupted"] = outcome.interrupted;
    object["verdicts"] = Json::object();
    for (const ClusterKind& kind : cluster_kinds())
        object["verdicts"][std::string(kind.name)] = json_of(verdict_of(kind, outcome.steps));
    object["steps"] = Json::array();
    for (const StepOutcome& step : outcome.steps) object["steps"].push_back(json_of(step));
    object["left"] = Json::array();
    for (const Leftover& left : outcome.left) object["left"].push_back(json_of(subject, left));
    return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace prh::ctl
