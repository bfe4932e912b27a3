// SPDX-License-Identifier: MIT
// What came of a command of the user: everything that is shown, in whatever format.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/answer.h"
#include "client/failure.h"
#include "ctl/verb.h"
#include "scsi/command_result.h"

namespace prh::ctl {

struct Outcome {
    std::string command;         ///< the verb's name, or "ping"; empty if the command line was not understood
    const Verb* verb = nullptr;  ///< none for ping, and where `command` is empty
    std::string socket;
    std::string device;

    std::optional<Failure> failure;          ///< there is no answer, and why
    std::optional<std::uint32_t> features;   ///< the helper's, once it has shaken hands
    std::optional<CommandResult> result;     ///< the device's status and sense data
    std::vector<std::uint8_t> data;          ///< PERSISTENT RESERVE IN that ended GOOD
    std::optional<Answer> answer;            ///< the same, decoded, if it is long enough
    bool truncated = false;                  ///< the device has more to say than `data` hold
    std::vector<SenseData> unit_attentions;  ///< that kept the command from being carried out, before this

    ExitCode exit_code() const {
        if (failure) return failure->exit_code;
        return result ? exit_code_of(*result) : ExitCode::Success;
    }
};

}  // namespace prh::ctl
