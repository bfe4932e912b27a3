// SPDX-License-Identifier: MIT
#include "report.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <utility>

namespace prh::bench {
namespace {

std::string cell(const std::optional<double>& value) { return value ? number_text(*value) : "-"; }

std::string verdict(bool met) { return met ? "met" : "MISSED"; }

/// ",RATIO,DEMANDED,MET", each empty where there is none.
std::string ratio_columns(const FigureInfo& info, Contender against, std::optional<double> ratio) {
    if (!ratio) return ",,,";
    for (const Demand& demand : info.demands)
        if (demand.against == against)
            return fmt::format(",{:.4f},{},{}", *ratio, demand.text(), demand.met_by(*ratio) ? "yes" : "no");
    return fmt::format(",{:.4f},,", *ratio);
}

}  // namespace

std::string number_text(double value) {
    if (value < 100) return fmt::format("{:.1f}", value);
    std::string digits = fmt::format("{:.0f}", value);
    for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
    return digits;
}

std::string ratio_text(double ratio) {
    if (ratio >= 10) return fmt::format("{:.1f}", ratio);
    return ratio >= 0.2 ? fmt::format("{:.2f}", ratio) : fmt::format("{:.3f}", ratio);
}

std::string machine_description() {
    std::string model = "unknown processor";
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with("model name")) continue;
        model = line.substr(line.find(':') + 2);
        break;
    }
    utsname kernel{};
    ::uname(&kernel);
    return fmt::format("{} x {}, Linux {}", ::sysconf(_SC_NPROCESSORS_ONLN), model, kernel.release);
}

std::string table(const Figures& figures, const Conditions& conditions) {
    const Study& study = conditions.study;
    std::string out = fmt::format("{}; {}\n\n", conditions.method, conditions.machine);
    constexpr const char* kRow = "{:<34}{:>11}{:>11}{:>11}{:>11}{:>9}  {:<8}  {}\n";
    out += fmt::format(kRow, "", "", study.names[0], study.names[1], study.names[2], "ratio", "demanded", "");
    for (const FigureInfo& info : study.figures) {
        const auto ratio = figures.ratio(info.figure, Contender::Existing);
        std::string demanded, result;
        for (const Demand& demand : info.demands) {
            if (demand.against != Contender::Existing || !ratio) continue;
            demanded = demand.text();
            result = verdict(demand.met_by(*ratio));
        }
        out +=
            fmt::format(kRow, info.title, info.unit, cell(figures.median(info.figure, Contender::Existing)),
                        cell(figures.median(info.figure, Contender::Ours)),
                        cell(figures.median(info.figure, Contender::Floor)), ratio ? ratio_text(*ratio) : "-",
                        demanded, result);
    }
    for (const FigureInfo& info : study.figures) {
        for (const Demand& demand : info.demands) {
            const auto ratio = figures.ratio(info.figure, demand.against);
            if (demand.against != Contender::Floor || !ratio) continue;
            out += fmt::format("\nRatio to {}, {}: {}, demanded {}: {}\n", study.name_of(demand.against),
                               info.title, ratio_text(*ratio), demand.text(), verdict(demand.met_by(*ratio)));
        }
    }
    return out;
}

std::string csv(const Figures& figures, const Conditions& conditions) {
    const Study& study = conditions.study;
    const auto& [first, second, third] = study.names;
    std::string out = fmt::format(
        "figure,description,unit,{0},{1},{2},ratio_to_{0},demanded,met,ratio_to_{2},demanded_of_{2},"
        "met_of_{2},{0}_runs,{1}_runs,{2}_runs\n",
        first, second, third);
    for (const FigureInfo& info : study.figures) {
        out += fmt::format("{},\"{}\",{}", info.id, info.title, info.unit);
        for (const Contender contender : kContenders) {
            const auto median = figures.median(info.figure, contender);
            out += median ? fmt::format(",{:.1f}", *median) : ",";
        }
        for (const Contender against : {Contender::Existing, Contender::Floor})
            out += ratio_columns(info, against, figures.ratio(info.figure, against));
        for (const Contender contender : kContenders) {
            out += ',';
            std::string separator;
            for (const double value : figures.runs(info.figure, contender))
                out += fmt::format("{}{:.1f}", std::exchange(separator, " "), value);
        }
        out += '\n';
    }
    return out;
}

}  // namespace prh::bench
