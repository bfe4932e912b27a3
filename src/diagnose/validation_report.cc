// SPDX-License-Identifier: MIT
#include "diagnose/validation_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/defaults.h"
#include "client/printable.h"
#include "scsi/names.h"

namespace prh::ctl {
namespace {

std::string_view word(StepStatus status) {
    switch (status) {
        case StepStatus::Ok: return "ok";
        case StepStatus::Failed: return "FAILED";
        case StepStatus::NotTested: return "not tested";
    }
    return "?";
}

std::string texts_of(const std::vector<ReservationKey>& keys) {
    std::vector<std::string> texts;
    for (const ReservationKey key : keys) texts.push_back(to_string(key));
    return fmt::format("{}", fmt::join(texts, ", "));
}

/// As one word of a shell.
std::string quoted(const std::string& word) {
    constexpr std::string_view kPlain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+=:,@%";
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
    std::string text = "'";
    for (const char letter : word) text += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    return text + "'";
}

std::string conclusion(const ClusterKind& kind, const Verdict& verdict) {
    std::string text = fmt::format("What {} needs: ", kind.title);
    switch (verdict.suitability) {
        case Suitability::Works: return text + "works\n";
        case Suitability::Incomplete: text += "what was tested works\n"; break;
        case Suitability::Fails:
            text += fmt::format("does NOT work: {}\n", fmt::join(verdict.failed, "; "));
            break;
    }
    for (const std::string& what : verdict.not_tested) text += fmt::format("  not tested  {}\n", what);
    return text;
}

/// A loss of power is nothing that a program can make.
std::string power_loss(const std::vector<StepOutcome>& steps) {
    const auto active = std::find_if(steps.begin(), steps.end(), [](const StepOutcome& outcome) {
        return outcome.step->what == std::variant<PrOutAction, Question>(Question::AptplActive);
    });
    if (active == steps.end() || active->status != StepStatus::Ok) return "";
    return "A loss of power cannot be tested: the array says that registrations outlive it.\n";
}

std::string rest(const ValidationSubject& subject, const ValidationOutcome& outcome) {
    if (outcome.left.empty()) return "Nothing of this run is left on the disk.\n";
    std::string text;
    for (const Leftover& left : outcome.left)
        text += fmt::format("Key {} {} left on the disk. This removes it:\n  {}\n", to_string(left.key),
                            left.certain ? "is" : "may be", removing(subject, left));
    return text;
}

}  // namespace

std::string removing(const ValidationSubject& subject, const Leftover& left) {
    const bool first = left.node == Node::First;
    const std::string& socket = first ? subject.socket : subject.second_socket;
    return fmt::format("prhelperctl{} register --retry-unit-attention --param-rk={} {}",
                       socket == kDefaultSocketPath ? "" : " --socket=" + quoted(socket), to_string(left.key),
                       quoted(first ? subject.device : subject.second));
}

std::string heading(const ValidationSubject& subject) {
    std::string text = fmt::format("{}{}, through the helper at {}\n", printable(subject.device),
                                   subject.title, printable(subject.socket));
    if (!subject.second.empty())
        text += fmt::format("Second node: {}, through the helper at {}\n", printable(subject.second),
                            printable(subject.second_socket));
    return text + fmt::format("Keys of this run: {}\n", texts_of(subject.keys.all()));
}

std::string StepLines::text(const StepOutcome& outcome) {
    std::string text;
    if (outcome.scene != scene_) text += fmt::format("\n{}\n", outcome.scene->title);
    if (outcome.scene != scene_) reason_.clear();
    scene_ = outcome.scene;
    text += fmt::format("  {:<12}{}", word(outcome.status), outcome.step->title);
    if (outcome.unit_attentions > 0)
        text += fmt::format(" (after {} unit attention{})", outcome.unit_attentions,
                            outcome.unit_attentions == 1 ? "" : "s");
    text += "\n";
    if (outcome.status == StepStatus::NotTested && outcome.reason != reason_)
        text += fmt::format("    because     {}\n", printable(outcome.reason));
    reason_ = outcome.reason;
    if (outcome.finding)
        text += fmt::format("    fault of    {}\n    because     {}\n", name(outcome.finding->fault),
                            printable(outcome.finding->words));
    return text;
}

std::string closing(const ValidationSubject& subject, const ValidationOutcome& outcome) {
    std::string text = "\n";
    if (outcome.interrupted) text += "Interrupted.\n";
    if (!outcome.cleared.empty())
        text += fmt::format("Removed before, with --clear-keys: {}\n", texts_of(outcome.cleared));
    for (const ClusterKind& kind : cluster_kinds()) text += conclusion(kind, verdict_of(kind, outcome.steps));
    return text + power_loss(outcome.steps) + rest(subject, outcome);
}

}  // namespace prh::ctl
