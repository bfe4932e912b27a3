// SPDX-License-Identifier: MIT
#include "diagnose/validation_verdict.h"

#include <fmt/format.h>

#include <algorithm>

namespace prh::ctl {
namespace {

constexpr ClusterKind kKinds[] = {
    {kWindowsCluster, "wsfc", "Windows Failover Cluster"},
    {kFenceScsi, "fence_scsi", "fence_scsi"},
};

}  // namespace

std::span<const ClusterKind> cluster_kinds() { return kKinds; }

std::string_view name(Suitability suitability) {
    switch (suitability) {
        case Suitability::Works: return "works";
        case Suitability::Incomplete: return "incomplete";
        case Suitability::Fails: return "fails";
    }
    return "?";
}

Verdict verdict_of(const ClusterKind& kind, const std::vector<StepOutcome>& steps) {
    Verdict verdict;
    for (const StepOutcome& outcome : steps) {
        // What is not the array's fault concerns everybody, whoever needs the step that met it.
        const bool concerns_all = outcome.finding && outcome.finding->fault != Fault::Array;
        if ((outcome.step->users & kind.bit) == 0 && !concerns_all) continue;
        if (outcome.status == StepStatus::Failed) {
            verdict.failed.emplace_back(outcome.step->title);
        } else if (outcome.status == StepStatus::NotTested) {
            std::string what = fmt::format("{}: {}", outcome.scene->title, outcome.reason);
            const auto same = std::find(verdict.not_tested.begin(), verdict.not_tested.end(), what);
            if (same == verdict.not_tested.end()) verdict.not_tested.push_back(std::move(what));
        }
    }
    if (!verdict.not_tested.empty()) verdict.suitability = Suitability::Incomplete;
    if (!verdict.failed.empty()) verdict.suitability = Suitability::Fails;
    return verdict;
}

ExitCode exit_code_of(const ValidationOutcome& outcome) {
    if (outcome.refusal) return outcome.refusal->exit_code;
    const bool failed = std::any_of(outcome.steps.begin(), outcome.steps.end(), [](const StepOutcome& step) {
        return step.status == StepStatus::Failed;
    });
    return failed || outcome.interrupted || !outcome.left.empty() ? ExitCode::Other : ExitCode::Success;
}

}  // namespace prh::ctl
