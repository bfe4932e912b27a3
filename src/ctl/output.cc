// SPDX-License-Identifier: MIT
#include "ctl/output.h"

#include "client/standard_output.h"
#include "ctl/json.h"
#include "ctl/text.h"

namespace prh::ctl {
namespace {

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

}  // namespace

ExitCode show(const Outcome& outcome, Format format) {
    const ExitCode exit_code = print(render(outcome, format), outcome.exit_code());
    if (format != Format::Json) complain(render_problem(outcome));
    return exit_code;
}

ExitCode show_refusal(const Failure& failure, Format format) {
    Outcome outcome;
    outcome.failure = failure;
    return show(outcome, format);
}

ExitCode show_information(std::string_view text) { return print(text); }

}  // namespace prh::ctl
