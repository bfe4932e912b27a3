// SPDX-License-Identifier: MIT
// How --help looks: options as the manual writes them ("-K, --param-rk=HEX"), lines that fit a terminal.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace prh::ctl {

class HelpFormatter : public CLI::Formatter {
  public:
    HelpFormatter();

    std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
    std::string make_description(const CLI::App* app) const override;
    std::string make_usage(const CLI::App* app, std::string name) const override;
    std::string make_option_name(const CLI::Option* option, bool is_positional) const override;
    std::string make_option_opts(const CLI::Option* option) const override;
    std::string make_option_desc(const CLI::Option* option) const override;
    std::string make_subcommand(const CLI::App* subcommand) const override;
};

}  // namespace prh::ctl
