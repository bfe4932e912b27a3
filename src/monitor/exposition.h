// SPDX-License-Identifier: MIT
// Metrics in the text formats of Prometheus (text/plain; version=0.0.4) and OpenMetrics 1.0.0. Pure. The two
// differ in how the family of a counter is named, in units, and in the end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/histogram.h"

namespace prh::ctl {

enum class Exposition { Prometheus, OpenMetrics };

std::string_view content_type(Exposition format);

using Labels = std::vector<std::pair<std::string_view, std::string>>;

class ExpositionWriter {
  public:
    explicit ExpositionWriter(Exposition format) : format_(format) {}

    /// Begins a family; its samples follow. `name` is without _total.
    void gauge(std::string_view name, std::string_view help);
    void counter(std::string_view name, std::string_view help);
    void histogram(std::string_view name, std::string_view help);

    void sample(const Labels& labels, std::uint64_t value);
    void sample_seconds(const Labels& labels, std::uint64_t us);
    void sample(const Labels& labels, const Histogram& value);

    std::string text() const { return text_ + (format_ == Exposition::OpenMetrics ? "# EOF\n" : ""); }

  private:
    void family(std::string_view name, std::string_view type, std::string_view help);
    void line(std::string_view suffix, const Labels& labels, std::string_view value);

    Exposition format_;
    std::string name_;
    std::string suffix_;
    std::string text_;
};

}  // namespace prh::ctl
