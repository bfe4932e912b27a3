// SPDX-License-Identifier: MIT
#include "sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "report.h"

namespace prh::bench {
namespace {

/// `given_up`: the share of the runs that have no figure.
std::string cell(const std::optional<double>& value, const std::string& given_up) {
    if (!value) return "-";
    if (std::isinf(*value)) return "not answered";
    return number_text(*value) + (given_up.empty() ? "" : fmt::format(" ({} not)", given_up));
}

}  // namespace

std::vector<std::size_t> Sweep::places() const {
    std::set<std::size_t> all;
    for (const auto& curve : runs_)
        for (const auto& [at, values] : curve) all.insert(at);
    return {all.begin(), all.end()};
}

std::optional<double> Sweep::median(std::size_t curve, std::size_t at) const {
    const auto found = runs_.at(curve).find(at);
    return found == runs_[curve].end() ? std::nullopt : median_of(found->second);
}

std::string Sweep::not_answered(std::size_t curve, std::size_t at) const {
    const auto found = runs_.at(curve).find(at);
    if (found == runs_[curve].end()) return "";
    const auto count = std::count(found->second.begin(), found->second.end(), kNotAnswered);
    return count == 0 ? "" : fmt::format("{}/{}", count, found->second.size());
}

std::optional<double> Sweep::ratio(std::size_t at) const {
    const auto ours = median(study_.ours, at);
    const auto existing = median(study_.existing, at);
    if (!ours || !existing || !std::isfinite(*ours) || !std::isfinite(*existing)) return std::nullopt;
    return *ours / *existing;
}

std::string Sweep::table() const {
    std::string out = fmt::format("{}; {}\n{}\n\n", study_.method, study_.machine, study_.measured);
    const std::size_t first = study_.varied.size();
    out += study_.varied;
    for (const Curve& curve : study_.curves) out += fmt::format("{:>18}", curve.id);
    out += fmt::format("{:>9}\n", "ratio");
    for (const std::size_t at : places()) {
        out += fmt::format("{:>{}}", at, first);
        for (std::size_t curve = 0; curve < runs_.size(); ++curve)
            out += fmt::format("{:>18}", cell(median(curve, at), not_answered(curve, at)));
        const auto of_both = ratio(at);
        out += fmt::format("{:>9}\n", of_both ? ratio_text(*of_both) : "-");
    }
    return out;
}

std::string Sweep::csv() const {
    std::string out = study_.varied_id;
    for (const Curve& curve : study_.curves) out += "," + curve.id;
    out += fmt::format(",ratio_{}_to_{}", study_.curves[study_.ours].id, study_.curves[study_.existing].id);
    for (const Curve& curve : study_.curves) out += "," + curve.id + "_runs";
    out += '\n';
    for (const std::size_t at : places()) {
        out += std::to_string(at);
        for (std::size_t curve = 0; curve < runs_.size(); ++curve) {
            const auto value = median(curve, at);
            out += value ? fmt::format(",{:.1f}", *value) : ",";
        }
        const auto of_both = ratio(at);
        out += of_both ? fmt::format(",{:.4f}", *of_both) : ",";
        for (const auto& curve : runs_) {
            out += ',';
            const auto found = curve.find(at);
            if (found == curve.end()) continue;
            std::string separator;
            for (const double value : found->second)
                out += fmt::format("{}{:.1f}", std::exchange(separator, " "), value);
        }
        out += '\n';
    }
    return out;
}

}  // namespace prh::bench
