// SPDX-License-Identifier: MIT
// The command line, understood: which command, with which options. All that is wrong with it is found here,
// before anything is opened.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "ctl/failure.h"
#include "ctl/options.h"
#include "ctl/verb.h"

namespace prh::ctl {

constexpr char kProgramName[] = "prhelperctl";
constexpr char kPing[] = "ping";

struct Arguments {
    CommonOptions common;
    const Verb* verb = nullptr;  ///< none: ping
    ReservationOptions reservation;

    Format format() const;
};

/// --help and --version: text for standard output, and success.
struct Information {
    std::string text;
};

/// `arguments`: without the program's name.
Expected<std::variant<Arguments, Information>> parse_arguments(const std::vector<std::string>& arguments);

/// The format for saying that `arguments` are not understood: --json may be among them all the same.
Format format_of_refusal(const std::vector<std::string>& arguments);

}  // namespace prh::ctl
