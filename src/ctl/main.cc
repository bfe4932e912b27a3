// SPDX-License-Identifier: MIT
// prhelperctl: sends PERSISTENT RESERVE commands through a helper's socket, and shows, checks and explains;
// all without privilege.
#include <string>
#include <variant>
#include <vector>

#include "ctl/arguments.h"
#include "ctl/output.h"
#include "ctl/runner.h"

int main(int argc, char** argv) {
    using namespace prh::ctl;
    const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    const auto parsed = parse_arguments(words);
    if (!parsed) return static_cast<int>(show_refusal(parsed.error(), format_of_refusal(words)));
    if (const auto* information = std::get_if<Information>(&*parsed))
        return static_cast<int>(show_information(information->text));
    const auto& arguments = std::get<Arguments>(*parsed);
    if (arguments.tool) return static_cast<int>(arguments.tool(arguments.common));
    return static_cast<int>(show(run(arguments), arguments.format()));
}
