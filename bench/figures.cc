// SPDX-License-Identifier: MIT
#include "figures.h"

#include <fmt/format.h>

#include <algorithm>

namespace prh::bench {

std::string Demand::text() const { return fmt::format("{} {:g}", at_least ? ">=" : "<=", bound); }

const FigureInfo& Study::info_of(Figure figure) const {
    return *std::find_if(figures.begin(), figures.end(),
                         [&](const FigureInfo& info) { return info.figure == figure; });
}

Study helper_study(const Scale& scale) {
    const auto against_existing = [](bool at_least, double bound) {
        return std::vector<Demand>{{Contender::Existing, at_least, bound}};
    };
    const std::string few = fmt::format("one busy among {} open", scale.few);
    const std::string many = fmt::format("one busy among {} open", scale.many);
    const std::string busy = fmt::format("{} saturating", scale.busy);
    const std::string paced = fmt::format("{} busy at {:.0f}/s", scale.busy, scale.paced);
    const std::string open = fmt::format("{} open", scale.many);
    std::vector<FigureInfo> infos = {
        {Figure::OneConnection,
         "one_connection",
         "one connection",
         "requests/s",
         {{Contender::Existing, true, 1.6}, {Contender::Floor, true, 0.7}}},
        {Figure::OneOf500, "one_of_500", few, "requests/s", against_existing(true, 6)},
        {Figure::OneOf2000, "one_of_2000", many, "requests/s", against_existing(true, 25)},
        {Figure::PacedP99, "200_busy_p99", paced + ", p99", "us", against_existing(false, 0.1)},
        {Figure::MemoryAtStart, "rss_at_start", "resident at start", "KiB", against_existing(false, 0.6)},
        {Figure::MemoryWith2000, "rss_with_2000", "resident, " + open, "KiB", against_existing(false, 0.2)},
        {Figure::OneConnectionP50, "one_connection_p50", "one connection, median", "us", {}},
        {Figure::OneConnectionP99, "one_connection_p99", "one connection, p99", "us", {}},
        {Figure::PacedP50, "200_busy_p50", paced + ", median", "us", {}},
        {Figure::AllBusyP99, "200_saturating_p99", busy + ", p99", "us", {}},
        {Figure::AllBusyP50, "200_saturating_p50", busy + ", median", "us", {}},
        {Figure::AllBusyThroughput, "200_saturating", busy, "requests/s", {}},
        {Figure::OneThreadP99, "200_saturating_one_thread_p99", busy + ", one thread, p99", "us", {}},
        {Figure::OneThreadThroughput, "200_saturating_one_thread", busy + ", one thread", "requests/s", {}},
        {Figure::ProportionalAtStart, "pss_at_start", "Pss at start", "KiB", {}},
        {Figure::PrivateAtStart, "private_at_start", "private at start", "KiB", {}},
        {Figure::ProportionalWith2000, "pss_with_2000", "Pss, " + open, "KiB", {}},
        {Figure::PrivateWith2000, "private_with_2000", "private, " + open, "KiB", {}},
    };
    if (scale != Scale{})
        for (FigureInfo& info : infos) info.demands.clear();
    return {
        "qemu-pr-helper: speed and memory",
        {"existing", "ours", "floor"},
        {"existing qemu-pr-helper", "this qemu-pr-helper", "floor: recvmsg, SG_IO, close, send"},
        std::move(infos),
        {{"Requests per second (more is better; logarithmic)",
          {Figure::OneConnection, Figure::OneOf500, Figure::OneOf2000, Figure::AllBusyThroughput},
          true},
         {"Latency, microseconds (less is better; logarithmic)",
          {Figure::OneConnectionP50, Figure::PacedP50, Figure::PacedP99},
          true},
         {"Resident memory, KiB (less is better)", {Figure::MemoryAtStart, Figure::MemoryWith2000}, false}}};
}

std::optional<double> median_of(std::vector<double> values) {
    if (values.empty()) return std::nullopt;
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

void Figures::add(Figure figure, Contender contender, double value) {
    values_.at(static_cast<std::size_t>(figure)).at(static_cast<std::size_t>(contender)).push_back(value);
}

const std::vector<double>& Figures::runs(Figure figure, Contender contender) const {
    return values_.at(static_cast<std::size_t>(figure)).at(static_cast<std::size_t>(contender));
}

std::optional<double> Figures::median(Figure figure, Contender contender) const {
    return median_of(runs(figure, contender));
}

std::optional<double> Figures::ratio(Figure figure, Contender against) const {
    const auto ours = median(figure, Contender::Ours);
    const auto theirs = median(figure, against);
    if (!ours || !theirs || *theirs <= 0) return std::nullopt;
    return *ours / *theirs;
}

}  // namespace prh::bench
