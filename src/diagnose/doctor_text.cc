// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "client/printable.h"
#include "client/words.h"
#include "diagnose/diagnosis_text.h"
#include "diagnose/outcome_text.h"

namespace prh::ctl {
namespace {

using Json = nlohmann::ordered_json;

std::size_t count(const Diagnoses& findings, Judgement verdict) {
    return static_cast<std::size_t>(std::count_if(
        findings.begin(), findings.end(), [&](const Diagnosis& one) { return one.verdict == verdict; }));
}

/// "Healthy" is only what was checked.
std::string conclusion(const Diagnoses& findings) {
    const std::size_t wrong = count(findings, Judgement::Wrong),
                      warnings = count(findings, Judgement::Warning),
                      unchecked = count(findings, Judgement::NotChecked);
    std::string text = wrong > 0        ? fmt::format("Not healthy: {} wrong", wrong)
                       : unchecked == 0 ? "Healthy"
                                        : "Nothing wrong was found";
    if (warnings > 0) text += ", " + count_of(warnings, "warning");
    if (unchecked > 0) text += fmt::format(", {} not checked", unchecked);
    return text + ".\n";
}

}  // namespace

bool is_healthy(const Diagnoses& findings) { return count(findings, Judgement::Wrong) == 0; }

std::string doctor_text(const Diagnoses& findings) {
    std::string text, about;
    text = "Helper:\n";
    for (const Diagnosis& finding : findings) {
        if (finding.disk != about) text += fmt::format("\n{}:\n", printable(finding.disk));
        about = finding.disk;
        text += diagnosis_text(finding);
    }
    return text + "\n" + conclusion(findings);
}

std::string doctor_json(const Diagnoses& findings, const HelperView& helper, const std::string& device,
                        ExitCode code) {
    Json json = {{"command", "doctor"}, {"socket", helper.socket}, {"control", helper.control}};
    if (!device.empty()) json["device"] = device;
    json["exit_code"] = static_cast<int>(code);
    json["healthy"] = is_healthy(findings);
    json["findings"] = Json::array();
    for (const Diagnosis& finding : findings) json["findings"].push_back(diagnosis_json(finding));
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace prh::ctl
