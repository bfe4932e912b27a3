// SPDX-License-Identifier: MIT
#include "ctl/arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>

#include "base/version.h"
#include "ctl/help_formatter.h"
#include "ctl/tools.h"
#include "ctl/values.h"

namespace prh::ctl {
namespace {

constexpr char kDescription[] =
    "Sends SCSI PERSISTENT RESERVE IN and OUT commands through the socket of a qemu-pr-helper, and shows the "
    "answer. Needs no privilege but access to the socket and to DEVICE.";

constexpr char kFooter[] =
    "Numbers are hexadecimal, with or without 0x, but for SECONDS.\n"
    "'prhelperctl VERB --help' explains a verb. Examples:\n"
    "  prhelperctl ping\n"
    "  prhelperctl register --param-sark=123abc /dev/sdb\n"
    "  prhelperctl reserve --param-rk=123abc --prout-type=5 /dev/sdb\n"
    "  prhelperctl read-full-status --json /dev/sdb\n"
    "  prhelperctl release --param-rk=123abc --prout-type=5 /dev/sdb\n"
    "\n"
    "Exit status, as in sg3_utils(8): 0 success, 1 wrong usage, 5 illegal request,\n"
    "6 unit attention, 9 not supported by the device, 11 aborted, 15 file error,\n"
    "24 reservation conflict, 26 busy, 33 timeout, 36 not healthy,\n"
    "50 and more a system error.\n"
    "All of them: prhelperctl(1).";

/// A text option whose value `parse` reads into `target`; what it refuses becomes an error of the command
/// line.
template <class T, class Target>
CLI::Option* add_parsed(CLI::App& app, const std::string& names, Parsed<T> (*parse)(std::string_view),
                        Target& target, std::string type_name, std::string description) {
    const std::string name = names.substr(names.rfind("--"));
    const auto read = [name, parse, &target](const std::string& text) {
        const Parsed<T> value = parse(text);
        if (!value) throw CLI::ValidationError(name, value.error());
        target = *value;
    };
    return app.add_option_function<std::string>(names, read, std::move(description))
        ->type_name(std::move(type_name));
}

/// Both before and after the verb, as users expect of --socket and --json.
void add_common_options(CLI::App& app, CommonOptions& common) {
    const std::string group = "Options of every command";
    app.set_help_flag("-h,--help", "show this help and exit")->group(group);
    app.set_version_flag("-V,--version", fmt::format("{} {}", kProgramName, PRH_VERSION),
                         "show the version and exit")
        ->group(group);
    app.add_option("--socket", common.socket,
                   fmt::format("the helper's socket (default: {})", kDefaultSocketPath))
        ->type_name("PATH")
        ->group(group);
    add_parsed(app, "--timeout", parse_timeout, common.timeout, "SECONDS",
               fmt::format("how long to wait for the helper, decimal; 0 is for ever (default: {})",
                           kDefaultTimeout.count()))
        ->group(group);
    app.add_flag("--json", common.json, "print one JSON object, also for errors")->group(group);
    app.add_flag("-v,--verbose", common.verbose, "print what is sent, on standard error")->group(group);
}

void add_parameters(CLI::App& app, const Verb& verb, ReservationOptions& options) {
    const std::string group = "Parameters";
    const auto add = [&](Parameter parameter, const std::function<CLI::Option*()>& option) {
        if (verb.takes(parameter)) option()->required(verb.required.has(parameter))->group(group);
    };
    add(Parameter::ReservationKey, [&] {
        return add_parsed(app, "-K,--param-rk", parse_key, options.key, "HEX",
                          "reservation key: the key that this initiator has registered");
    });
    add(Parameter::ServiceActionKey, [&] {
        return add_parsed(app, "-S,--param-sark", parse_key, options.service_action_key, "HEX",
                          "service action reservation key: the key to register or to preempt");
    });
    add(Parameter::Type, [&] {
        return add_parsed(app, "-T,--prout-type", parse_type, options.type, "TYPE",
                          "type of the reservation: 1 Write Exclusive, 3 Exclusive Access, 5 and 6 the same, "
                          "registrants only, 7 and 8 the same, all registrants");
    });
    add(Parameter::Aptpl, [&] {
        return app.add_flag("-Z,--param-aptpl", options.aptpl,
                            "registrations and reservation are to survive a loss of power (APTPL)");
    });
    add(Parameter::AllTargetPorts, [&] {
        return app.add_flag("-Y,--param-alltgpt", options.all_target_ports,
                            "register on all target ports (ALL_TG_PT)");
    });
    add(Parameter::Unregister, [&] {
        return app.add_flag("-U,--param-unreg,--unreg", options.unregister,
                            "remove the registration of this initiator afterwards (UNREG)");
    });
    add(Parameter::RelativeTargetPort, [&] {
        return add_parsed(app, "-Q,--relative-target-port", parse_relative_target_port,
                          options.relative_target_port, "HEX",
                          "relative target port identifier to move the reservation to (default: 0)");
    });
    add(Parameter::TransportId, [&] {
        return app
            .add_option(
                "-X,--transport-id", options.transport_ids,
                "TransportID of another initiator (sas,5000c50005b32001; iqn.2001-04.com.example:host; "
                "...), file=NAME or - for a list of them")
            ->type_name("TIDS")
            ->allow_extra_args(false);
    });
}

void add_reading(CLI::App& app, ReservationOptions& options) {
    const std::string group = "Answer";
    add_parsed(app, "-l,--alloc-length", parse_allocation_length, options.allocation_length, "HEX",
               "allocation length, 0 to 2000, which is the default")
        ->group(group);
    app.add_flag("-H,--hex", options.hex, "print the data in hexadecimal")->group(group);
    app.add_flag("--raw", options.raw, "write the data as they are")->group(group);
}

std::string examples(std::string_view lines) {
    std::string text = "Examples:";
    for (std::size_t start = 0; start < lines.size();) {
        const std::size_t end = std::min(lines.find('\n', start), lines.size());
        const std::string_view line = lines.substr(start, end - start);
        text += fmt::format("\n  {}{}{}", line.starts_with(' ') ? "" : kProgramName,
                            line.starts_with(' ') ? "" : " ", line);
        start = end + 1;
    }
    return text;
}

void add_verb(CLI::App& app, const Verb& verb, Arguments& arguments) {
    CLI::App& command =
        *app.add_subcommand(std::string(verb.name), fmt::format("{}\n\n{}", verb.summary, verb.explanation));
    command.group(verb.reads() ? "PERSISTENT RESERVE IN" : "PERSISTENT RESERVE OUT");
    ReservationOptions& options = arguments.reservation;
    if (verb.reads())
        add_reading(command, options);
    else
        add_parameters(command, verb, options);
    command.add_flag("-y,--readonly", options.readonly,
                     verb.reads() ? "open DEVICE for reading only, which is the default here"
                                  : "open DEVICE for reading only: a helper refuses the command then");
    command.add_flag("--retry-unit-attention", options.retry_unit_attention,
                     "send the command again when a unit attention kept it from being carried out");
    add_common_options(command, arguments.common);
    command.add_option("DEVICE", options.device, "block device or /dev/sg* of the logical unit")->required();
    command.footer(examples(verb.examples));
    command.callback([&arguments, &verb] { arguments.verb = &verb; });
}

void add_ping(CLI::App& app, Arguments& arguments) {
    CLI::App& command =
        *app.add_subcommand(kPing,
                            "see whether the helper answers, and with which features\n\n"
                            "Connects, shakes hands and ends: for health checks. No device is touched.");
    command.group("Helper and disks");
    add_common_options(command, arguments.common);
    command.footer(examples("ping\nping --socket=/run/pr/pr-helper.sock --timeout=5"));
}

void add_tool_option(CLI::App& app, const ToolOption& option) {
    const std::string names(option.names);
    CLI::Option* added = nullptr;
    if (bool* const* flag = std::get_if<bool*>(&option.target))
        added = app.add_flag(names, **flag, option.help);
    else if (std::string* const* text = std::get_if<std::string*>(&option.target))
        added = app.add_option(names, **text, option.help);
    else if (std::vector<std::string>* const* texts = std::get_if<std::vector<std::string>*>(&option.target))
        added = app.add_option(names, **texts, option.help);
    else if (const NumberTarget* number = std::get_if<NumberTarget>(&option.target))
        added = app.add_option(names, *number->value, option.help)
                    ->check(CLI::Range(number->minimum, number->maximum));
    if (!std::holds_alternative<bool*>(option.target)) added->type_name(std::string(option.value));
    added->required(option.required);
}

void add_tool(CLI::App& app, const Tool& tool, Arguments& arguments) {
    CLI::App& command =
        *app.add_subcommand(std::string(tool.name), fmt::format("{}\n\n{}", tool.summary, tool.explanation));
    command.group("Helper and disks");
    for (const ToolOption& option : tool.options) add_tool_option(command, option);
    add_common_options(command, arguments.common);
    if (tool.asks_control)
        command
            .add_option("--control", arguments.common.control,
                        fmt::format("the helper's control socket (default: {})", kDefaultControlPath))
            ->type_name("PATH")
            ->group("Options of every command");
    command.footer(examples(tool.examples));
    command.callback([&arguments, run = tool.run] { arguments.tool = run; });
}

std::unique_ptr<CLI::App> make_parser(Arguments& arguments) {
    auto app = std::make_unique<CLI::App>(kDescription, kProgramName);
    app->formatter(std::make_shared<HelpFormatter>());
    app->require_subcommand(1);
    app->footer(kFooter);
    add_common_options(*app, arguments.common);
    for (const Verb& verb : verbs()) add_verb(*app, verb, arguments);
    add_ping(*app, arguments);
    for (const Tool& tool : tools()) add_tool(*app, tool, arguments);
    return app;
}

std::string see_help(const std::string& command) {
    return fmt::format(" (see '{}{} --help')", kProgramName, command.empty() ? "" : " " + command);
}

/// CLI11's words for a missing or repeated value are for programmers.
std::string explain(const CLI::ArgumentMismatch& error) {
    const std::string what = error.what();
    const std::string option = what.substr(0, what.find(':'));
    return option +
           (what.find("At Most") == std::string::npos ? " needs a value" : " is given more than once");
}

/// What is wrong, in an order that names the cause: a word nobody knows makes others look as if they were
/// missing.
std::string explain(const CLI::App& app, const CLI::ParseError& error) {
    const std::vector<CLI::App*> commands = app.get_subcommands();
    const std::string command = commands.empty() ? "" : commands.front()->get_name();
    const std::vector<std::string> before = app.remaining();
    const std::vector<std::string> unknown = app.remaining(true);
    if (!unknown.empty()) {
        const std::string& word = before.empty() ? unknown.front() : before.front();
        if (word.starts_with('-') && word.size() > 1)
            return fmt::format("{} has no option '{}'", before.empty() ? command : "the program", word) +
                   see_help(before.empty() ? command : "");
        if (commands.empty()) return fmt::format("'{}' is not a verb", word) + see_help("");
        return fmt::format("unexpected argument '{}'", word) + see_help(command);
    }
    if (commands.empty() && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr)
        return "a verb is missing" + see_help("");
    if (const auto* mismatch = dynamic_cast<const CLI::ArgumentMismatch*>(&error))
        return explain(*mismatch) + see_help(command);
    if (dynamic_cast<const CLI::ValidationError*>(&error) != nullptr) return error.what();
    return error.what() + see_help(command);
}

/// "--name=" without a value, which CLI11 takes for "--name" and the next word for its value.
std::optional<std::string> empty_value(const std::vector<std::string>& arguments) {
    for (const std::string& argument : arguments) {
        if (argument == "--") break;
        if (argument.starts_with("--") && argument.ends_with('='))
            return argument.substr(0, argument.size() - 1);
    }
    return std::nullopt;
}

}  // namespace

Format Arguments::format() const {
    if (common.json) return Format::Json;
    if (reservation.hex) return Format::Hex;
    return reservation.raw ? Format::Raw : Format::Text;
}

Expected<std::variant<Arguments, Information>> parse_arguments(const std::vector<std::string>& arguments) {
    if (const auto option = empty_value(arguments))
        return fail(ExitCode::SyntaxError, *option + " needs a value" + see_help(""));
    Arguments parsed;
    const std::unique_ptr<CLI::App> app = make_parser(parsed);
    try {
        app->parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::Success& request) {
        std::stringstream text;
        app->exit(request, text, text);
        return Information{text.str()};
    } catch (const CLI::ParseError& error) {
        return fail(ExitCode::SyntaxError, explain(*app, error));
    }
    if (parsed.common.json + parsed.reservation.hex + parsed.reservation.raw > 1)
        return fail(ExitCode::SyntaxError, "--json, --hex and --raw exclude one another: give one of them");
    return parsed;
}

Format format_of_refusal(const std::vector<std::string>& arguments) {
    const bool json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
    return json ? Format::Json : Format::Text;
}

}  // namespace prh::ctl
