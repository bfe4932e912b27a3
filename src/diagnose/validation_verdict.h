// SPDX-License-Identifier: MIT
// What the steps come to for those who need them. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "diagnose/validation.h"

namespace prh::ctl {

struct ClusterKind {
    unsigned bit = 0;
    std::string_view name;   ///< "wsfc"; for programs
    std::string_view title;  ///< "Windows Failover Cluster"
};
std::span<const ClusterKind> cluster_kinds();

enum class Suitability {
    Works,
    Incomplete,  ///< what was tested works, and something was not tested
    Fails,
};
std::string_view name(Suitability suitability);  ///< "works"; for programs

struct Verdict {
    Suitability suitability = Suitability::Works;
    std::vector<std::string> failed;      ///< titles of steps
    std::vector<std::string> not_tested;  ///< "SCENE: why"
};
Verdict verdict_of(const ClusterKind& kind, const std::vector<StepOutcome>& steps);

/// 0 where everything that was tested works and nothing is left; else 99, or what a refusal has.
ExitCode exit_code_of(const ValidationOutcome& outcome);

}  // namespace prh::ctl
