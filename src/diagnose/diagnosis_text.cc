// SPDX-License-Identifier: MIT
#include "diagnose/diagnosis_text.h"

#include <fmt/format.h>

#include "client/printable.h"

namespace prh::ctl {
namespace {

constexpr std::size_t kWidth = 100;

/// Words in lines; the first one begins with `start`, the others are indented as far.
std::string wrapped(const std::string& start, const std::string& words) {
    const std::string indent(start.size(), ' ');
    std::string text, line = start;
    for (std::size_t at = 0; at < words.size();) {
        const std::size_t end = std::min(words.find(' ', at), words.size());
        const std::string word = words.substr(at, end - at);
        at = end + 1;
        if (line.size() > indent.size() && line.size() + 1 + word.size() > kWidth) {
            text += line + "\n";
            line = indent;
        }
        line += (line.size() > indent.size() ? " " : "") + word;
    }
    return text + line + "\n";
}

/// What is to be copied stands on lines of its own, as it is.
std::string fix_text(const Fix& fix, const std::string& indent) {
    if (fix.empty()) return {};
    std::string text = wrapped(indent + "fix: ", printable(fix.where) + ":");
    for (std::size_t at = 0; at < fix.lines.size();) {
        const std::size_t end = std::min(fix.lines.find('\n', at), fix.lines.size());
        text += indent + "    " + printable(fix.lines.substr(at, end - at)) + "\n";
        at = end + 1;
    }
    return text;
}

}  // namespace

std::string danger_text(const Diagnosis& finding) {
    const std::string_view start = finding.verdict == Judgement::Wrong     ? "DANGER: "
                                   : finding.verdict == Judgement::Warning ? "Warning: "
                                                                           : "Not told: ";
    return wrapped(std::string(start), printable(finding.words)) + fix_text(finding.fix, "    ");
}

std::string diagnosis_text(const Diagnosis& finding) {
    const std::string start = fmt::format("  {:<13}{:<18}", name(finding.verdict), finding.check);
    return wrapped(start, printable(finding.words)) + fix_text(finding.fix, std::string(15, ' '));
}

nlohmann::ordered_json diagnosis_json(const Diagnosis& finding) {
    nlohmann::ordered_json json = {{"check", finding.check}, {"verdict", name(finding.verdict)}};
    if (!finding.disk.empty()) json["disk"] = finding.disk;
    json["words"] = finding.words;
    json["fix"] = nullptr;
    if (!finding.fix.empty()) json["fix"] = {{"where", finding.fix.where}, {"lines", finding.fix.lines}};
    return json;
}

}  // namespace prh::ctl
