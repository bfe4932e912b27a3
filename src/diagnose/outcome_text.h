// SPDX-License-Identifier: MIT
// What show and doctor say, in text and as JSON. Pure.
#pragma once

#include <string>

#include "client/exit_code.h"
#include "diagnose/diagnosis.h"
#include "diagnose/facts.h"
#include "diagnose/picture.h"

namespace prh::ctl {

/// What `show` has to show.
struct Shown {
    DiskFacts facts;  ///< with an answer
    Picture picture;
    Diagnoses dangers;
    std::vector<std::string> clients;  ///< that registered through the helper
    std::string no_clients;            ///< why they are not known; empty where they are
};

std::string show_text(const Shown& shown);
std::string show_json(const Shown& shown, const std::string& socket);

/// Healthy is what has nothing wrong; what was not checked is said to be that, and is no failure.
bool is_healthy(const Diagnoses& findings);
std::string doctor_text(const Diagnoses& findings);
std::string doctor_json(const Diagnoses& findings, const HelperView& helper, const std::string& device,
                        ExitCode code);

}  // namespace prh::ctl
