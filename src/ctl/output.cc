// SPDX-License-Identifier: MIT
#include "ctl/output.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "ctl/arguments.h"
#include "ctl/json.h"
#include "ctl/text.h"

namespace prh::ctl {
namespace {

void write_problem(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

std::string render(const Outcome& outcome, Format format) {
    const bool has_data = !outcome.failure && outcome.result && outcome.result->status == ScsiStatus::Good;
    switch (format) {
        case Format::Text: return render_answer(outcome);
        case Format::Json: return render_json(outcome);
        case Format::Hex: return has_data ? render_hex(outcome.data) : std::string();
        case Format::Raw:
            return has_data ? std::string(outcome.data.begin(), outcome.data.end()) : std::string();
    }
    return {};
}

/// `meant` is the exit status if standard output takes it.
ExitCode write_output(std::string_view text, ExitCode meant) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
        return meant;
    write_problem(
        fmt::format("{}: cannot write to standard output: {}\n", kProgramName, std::strerror(errno)));
    return meant == ExitCode::Success ? ExitCode::FileError : meant;
}

}  // namespace

ExitCode show(const Outcome& outcome, Format format) {
    const ExitCode exit_code = write_output(render(outcome, format), outcome.exit_code());
    if (format != Format::Json) write_problem(render_problem(outcome));
    return exit_code;
}

ExitCode show_refusal(const Failure& failure, Format format) {
    Outcome outcome;
    outcome.failure = failure;
    return show(outcome, format);
}

ExitCode show_information(std::string_view text) { return write_output(text, ExitCode::Success); }

}  // namespace prh::ctl
