// SPDX-License-Identifier: MIT
// One finding, for a terminal and as JSON. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "diagnose/diagnosis.h"

namespace prh::ctl {

/// "DANGER: …" and how to fix it, in lines.
std::string danger_text(const Diagnosis& finding);
/// "  wrong        multipathd    …" and how to fix it.
std::string diagnosis_text(const Diagnosis& finding);
nlohmann::ordered_json diagnosis_json(const Diagnosis& finding);

}  // namespace prh::ctl
