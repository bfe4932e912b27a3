// SPDX-License-Identifier: MIT
// What `validate` shows: line by line while it goes on, and at the end; or one JSON object. Pure.
#pragma once

#include <string>

#include "diagnose/validation_verdict.h"

namespace prh::ctl {

/// What the user has named.
struct ValidationSubject {
    std::string device;
    std::string socket;
    std::string second;  ///< empty: none
    std::string second_socket;
    ValidationKeys keys;
    std::string title{};  ///< of the device: "8:16 (sdb), 2 paths"
};

std::string heading(const ValidationSubject& subject);

class StepLines {
  public:
    /// The line of a step, after the heading of its scene where it is the first one.
    std::string text(const StepOutcome& outcome);

  private:
    const Scene* scene_ = nullptr;
    std::string reason_;  // that was given last
};

std::string closing(const ValidationSubject& subject, const ValidationOutcome& outcome);
std::string render_json(const ValidationSubject& subject, const ValidationOutcome& outcome);

/// "prhelperctl register --param-rk=0x… /dev/sdb": what removes a registration that is left.
std::string removing(const ValidationSubject& subject, const Leftover& left);

}  // namespace prh::ctl
