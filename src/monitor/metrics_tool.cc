// SPDX-License-Identifier: MIT
#include "monitor/metrics_tool.h"

#include <fmt/format.h>

#include <memory>

#include "client/control_client.h"
#include "client/replaced_file.h"
#include "client/standard_output.h"
#include "client/state.h"
#include "monitor/metrics.h"

namespace prh::ctl {
namespace {

struct MetricsOptions {
    std::string output;
    bool openmetrics = false;
};

ExitCode show_metrics(const CommonOptions& common, const MetricsOptions& options) {
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
    const auto options = std::make_shared<MetricsOptions>();
    return {
        "metrics",
        "print metrics for Prometheus",
        "The text format of Prometheus, as node_exporter's textfile collector reads it; or OpenMetrics. "
        "Where "
        "the helper does not answer, prhelper_up 0 is printed or written, and the command fails.",
        "metrics\nmetrics --output=/var/lib/prometheus/node-exporter/prhelper.prom\nmetrics --openmetrics",
        true,
        {{"--output", "FILE",
          "write to this file, which is replaced at once: a reader sees the old or the new",
          &options->output},
         {"--openmetrics", "", "print OpenMetrics 1.0.0 instead", &options->openmetrics}},
        [options](const CommonOptions& common) { return show_metrics(common, *options); }};
}

}  // namespace prh::ctl
