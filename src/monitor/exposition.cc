// SPDX-License-Identifier: MIT
#include "monitor/exposition.h"

#include <fmt/format.h>

namespace prh::ctl {
namespace {

/// Both formats escape these three in the value of a label.
std::string escaped(std::string_view value) {
    std::string text;
    for (const char c : value) {
        if (c == '\\' || c == '"') text += '\\';
        if (c == '\n')
            text += "\\n";
        else
            text += c;
    }
    return text;
}

std::string seconds(std::uint64_t us) {
    constexpr std::uint64_t kPerSecond = 1'000'000;
    std::string text = fmt::format("{}.{:06}", us / kPerSecond, us % kPerSecond);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text += '0';
    return text;
}

}  // namespace

std::string_view content_type(Exposition format) {
    return format == Exposition::OpenMetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                             : "text/plain; version=0.0.4; charset=utf-8";
}

void ExpositionWriter::family(std::string_view name, std::string_view type, std::string_view help) {
    // A counter's family is named as its sample in the one format, without _total in the other.
    const bool total = type == "counter";
    const std::string shown =
        fmt::format("{}{}", name, total && format_ == Exposition::Prometheus ? "_total" : "");
    text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", shown, help, shown, type);
    if (format_ == Exposition::OpenMetrics && name.ends_with("_seconds"))
        text_ += fmt::format("# UNIT {} seconds\n", shown);
    name_ = name;
    suffix_ = total ? "_total" : "";
}

void ExpositionWriter::gauge(std::string_view name, std::string_view help) { family(name, "gauge", help); }
void ExpositionWriter::counter(std::string_view name, std::string_view help) {
    family(name, "counter", help);
}
void ExpositionWriter::histogram(std::string_view name, std::string_view help) {
    family(name, "histogram", help);
}

void ExpositionWriter::line(std::string_view suffix, const Labels& labels, std::string_view value) {
    text_ += fmt::format("{}{}", name_, suffix);
    char before = '{';
    for (const auto& [name, text] : labels) {
        text_ += fmt::format("{}{}=\"{}\"", before, name, escaped(text));
        before = ',';
    }
    text_ += fmt::format("{} {}\n", labels.empty() ? "" : "}", value);
}

void ExpositionWriter::sample(const Labels& labels, std::uint64_t value) {
    line(suffix_, labels, std::to_string(value));
}

void ExpositionWriter::sample_seconds(const Labels& labels, std::uint64_t us) {
    line(suffix_, labels, seconds(us));
}

void ExpositionWriter::sample(const Labels& labels, const Histogram& value) {
    std::uint64_t below = 0;
    Labels with_bound = labels;
    with_bound.emplace_back("le", "");
    for (std::size_t i = 0; i < value.counts.size(); ++i) {
        below += value.counts[i];
        with_bound.back().second = i < value.bounds_us.size() ? seconds(value.bounds_us[i]) : "+Inf";
        line("_bucket", with_bound, std::to_string(below));
    }
    line("_sum", labels, seconds(value.sum_us));
    line("_count", labels, std::to_string(below));
}

}  // namespace prh::ctl
