// SPDX-License-Identifier: MIT
#include "ctl/help_formatter.h"

#include <string_view>

#include "client/common_options.h"

namespace prh::ctl {
namespace {

constexpr std::size_t kLineWidth = 80;
constexpr std::size_t kOptionColumn = 34;
/// The first line of a verb's description stands in the list of verbs.
constexpr std::size_t kVerbColumn = 23;

/// `text` in lines of at most `width` characters; its own line ends are kept.
std::string wrap(std::string_view text, std::size_t width) {
    std::string wrapped;
    std::size_t column = 0;
    while (!text.empty()) {
        const std::size_t length = std::min(text.find_first_of(" \n"), text.size());
        if (column > 0 && column + 1 + length > width) {
            wrapped += '\n';
            column = 0;
        } else if (column > 0) {
            wrapped += ' ';
            ++column;
        }
        wrapped += text.substr(0, length);
        column += length;
        text.remove_prefix(length);
        if (text.empty()) break;
        if (text.front() == '\n') {
            wrapped += '\n';
            column = 0;
        }
        text.remove_prefix(1);
    }
    return wrapped;
}

}  // namespace

HelpFormatter::HelpFormatter() {
    column_width(kOptionColumn);
    label("Positionals", "Argument");
}

std::string HelpFormatter::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const {
    std::string text = CLI::Formatter::make_help(app, std::move(name), mode);
    for (std::size_t at; (at = text.find("\n\n\n")) != std::string::npos;) text.erase(at, 1);
    return text;
}

std::string HelpFormatter::make_description(const CLI::App* app) const {
    return wrap(app->get_description(), kLineWidth) + "\n\n";
}

std::string HelpFormatter::make_usage(const CLI::App* app, std::string) const {
    std::string usage = std::string("Usage: ") + kProgramName + " ";
    if (app->get_parent() == nullptr) return usage + "[OPTION]... VERB [OPTION]... [DEVICE]\n";
    usage += app->get_name() + " [OPTION]...";
    for (const CLI::Option* positional :
         app->get_options([](const CLI::Option* o) { return o->get_positional(); }))
        usage += " " + positional->get_name(true);
    return usage + "\n";
}

std::string HelpFormatter::make_option_name(const CLI::Option* option, bool is_positional) const {
    if (is_positional) return option->get_name(true);
    std::string names;
    for (const std::string& letter : option->get_snames()) names += "-" + letter + ", ";
    if (names.empty()) names = "    ";
    for (const std::string& name : option->get_lnames())
        names += (names.ends_with(' ') ? "--" : ", --") + name;
    return names;
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
    if (option->get_positional() || option->get_expected_max() == 0) return "";  // 0: a flag
    return "=" + option->get_type_name();
}

std::string HelpFormatter::make_option_desc(const CLI::Option* option) const {
    std::string description = option->get_description();
    if (option->get_required() && !option->get_positional()) description += " (required)";
    return wrap(description, kLineWidth - kOptionColumn);
}

std::string HelpFormatter::make_subcommand(const CLI::App* subcommand) const {
    std::string line = "  " + subcommand->get_name();
    line.append(line.size() < kVerbColumn ? kVerbColumn - line.size() : 1, ' ');
    const std::string description = subcommand->get_description();
    return line + description.substr(0, description.find('\n')) + "\n";
}

}  // namespace prh::ctl
