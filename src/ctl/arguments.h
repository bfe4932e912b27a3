// SPDX-License-Identifier: MIT
// The command line, understood: which command, with which options. All that is wrong with it is found here,
// before anything is opened.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "client/common_options.h"
#include "client/failure.h"
#include "client/tool.h"
#include "ctl/options.h"
#include "ctl/verb.h"

namespace prh::ctl {

constexpr char kPing[] = "ping";

struct Arguments {
    CommonOptions common;
    const Verb* verb = nullptr;  ///< none: ping, or a tool
    Tool::Run tool;              ///< empty: no tool
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
