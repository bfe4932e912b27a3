// SPDX-License-Identifier: MIT
#include "monitor/metrics_tool.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "client/control_client.h"
#include "client/replaced_file.h"
#include "client/standard_output.h"
#include "client/state.h"
#include "monitor/metrics.h"

namespace prh::ctl {
namespace {

struct Options {
    std::string output;
    bool openmetrics = false;
};

ExitCode run(const CommonOptions& common, const Options& options) {
    const Exposition format = options.openmetrics ? Exposition::OpenMetrics : Exposition::Prometheus;
    Expected<HelperState> state = read_state(common.control, common.timeout).and_then([](const auto& line) {
        return parse_state(line);
    });
    // A helper that is gone is something to be alerted of, so it is told as a metric too.
    const std::string text = state ? render_metrics(*state, format) : render_metrics_of_absent(format);
    ExitCode written = ExitCode::Success;
    if (options.output.empty()) {
        if (state || !common.json) written = print(text);
    } else if (const Expected<void> replaced = replace_file(options.output, text); !replaced) {
        return print_failure("metrics", replaced.error(), common.json);
    }
    return state ? written : print_failure("metrics", state.error(), common.json);
}

}  // namespace

Tool metrics_tool() {
    return {
        "metrics",
        "print metrics for Prometheus",
        "The text format of Prometheus, as node_exporter's textfile collector reads it; or OpenMetrics. "
        "Where "
        "the helper does not answer, prhelper_up 0 is printed or written, and the command fails.",
        "metrics\nmetrics --output=/var/lib/prometheus/node-exporter/prhelper.prom\nmetrics --openmetrics",
        true,
        [](CLI::App& app) -> Tool::Run {
            const auto options = std::make_shared<Options>();
            app.add_option("--output", options->output,
                           "write to this file, which is replaced at once: a reader sees the old or the new")
                ->type_name("FILE");
            app.add_flag("--openmetrics", options->openmetrics, "print OpenMetrics 1.0.0 instead");
            return [options](const CommonOptions& common) { return run(common, *options); };
        }};
}

}  // namespace prh::ctl
