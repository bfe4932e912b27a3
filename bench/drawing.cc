// SPDX-License-Identifier: MIT
#include "drawing.h"

#include <fmt/format.h>

#include <iterator>

namespace prh::bench {
namespace {

constexpr double kLetter = 7.2;  // of DejaVu Sans in size 12, the widest of the usual fonts
constexpr double kNoteLine = 17;

const char* anchor_name(Anchor anchor) {
    switch (anchor) {
        case Anchor::Start: return "start";
        case Anchor::Middle: return "middle";
        case Anchor::End: return "end";
    }
    return "start";
}

std::string escaped(const std::string& words) {
    std::string out;
    for (const char letter : words) {
        if (letter == '<')
            out += "&lt;";
        else if (letter == '&')
            out += "&amp;";
        else
            out += letter;
    }
    return out;
}

/// Lines of at most `width`, broken at spaces.
std::vector<std::string> lines_of(const std::string& words, double width) {
    std::vector<std::string> lines;
    std::string rest = words;
    while (width_of(rest) > width) {
        const auto space = rest.rfind(' ', static_cast<std::size_t>(width / kLetter));
        if (space == std::string::npos || space == 0) break;
        lines.push_back(rest.substr(0, space));
        rest.erase(0, space + 1);
    }
    lines.push_back(rest);
    return lines;
}

}  // namespace

const char* color_of(Contender contender) {
    switch (contender) {
        case Contender::Existing: return "#80868b";
        case Contender::Ours: return "#1a73e8";
        case Contender::Floor: return "#e0a526";
    }
    return "black";
}

double width_of(const std::string& words) { return kLetter * static_cast<double>(words.size()); }

Drawing::Drawing(const std::string& title, const std::vector<std::string>& notes) {
    text({kMargin, 32}, "title", title);
    top_ = 52;
    for (const std::string& note : notes)
        for (const std::string& line : lines_of(note, kWidth - 2 * kMargin)) {
            text({kMargin, top_}, "note", line);
            top_ += kNoteLine;
        }
}

void Drawing::text(Place at, const char* style, const std::string& words, Anchor anchor) {
    fmt::format_to(std::back_inserter(body_),
                   "<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"{}\" text-anchor=\"{}\">{}</text>\n", at.first,
                   at.second, style, anchor_name(anchor), escaped(words));
}

void Drawing::text_upright(Place at, const char* style, const std::string& words) {
    fmt::format_to(std::back_inserter(body_),
                   "<text transform=\"translate({:.1f},{:.1f}) rotate(-90)\" class=\"{}\" "
                   "text-anchor=\"middle\">{}</text>\n",
                   at.first, at.second, style, escaped(words));
}

void Drawing::bar(Place corner, double width, double height, const char* color) {
    fmt::format_to(std::back_inserter(body_),
                   "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"/>\n",
                   corner.first, corner.second, width, height, color);
}

void Drawing::line(Place from, Place to, const char* color) {
    fmt::format_to(std::back_inserter(body_),
                   "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\"/>\n",
                   from.first, from.second, to.first, to.second, color);
}

void Drawing::curve(const std::vector<Place>& places, const char* color, bool dashed) {
    std::string points;
    for (const auto& [x, y] : places) fmt::format_to(std::back_inserter(points), "{:.1f},{:.1f} ", x, y);
    fmt::format_to(std::back_inserter(body_),
                   "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2.5\"{}/>\n", points,
                   color, dashed ? " stroke-dasharray=\"7 5\"" : "");
}

void Drawing::dot(Place at, const char* color) {
    fmt::format_to(std::back_inserter(body_),
                   "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\" stroke=\"white\"/>\n", at.first,
                   at.second, color);
}

void Drawing::cross(Place at, const char* color) {
    fmt::format_to(std::back_inserter(body_),
                   "<path d=\"M{0:.1f} {1:.1f}l10 10m0 -10l-10 10\" stroke=\"{2}\" stroke-width=\"3\"/>\n",
                   at.first - 5, at.second - 5, color);
}

std::string Drawing::finish(double height) const {
    return fmt::format(
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1:.0f}\" "
               "viewBox=\"0 0 {0} {1:.0f}\" font-family=\"DejaVu Sans, Verdana, sans-serif\" "
               "font-size=\"12\">\n"
               "<style>.title{{font-size:18px;font-weight:bold}} .panel{{font-size:14px;font-weight:bold}} "
               ".label{{stroke:white;stroke-width:3px;paint-order:stroke}} .note{{fill:#5f6368}} "
               ".met{{fill:#188038;font-weight:bold}} .missed{{fill:#c5221f;font-weight:bold}}</style>\n"
               "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
               kWidth, height) +
           body_ + "</svg>\n";
}

}  // namespace prh::bench
