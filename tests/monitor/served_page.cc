// SPDX-License-Identifier: MIT
#include "monitor/served_page.h"

#include <stdexcept>

#include "support/daemon.h"

namespace prh::test {
namespace {

std::vector<std::string> complete(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {built("prhelperctl"), "serve", "--listen=127.0.0.1:0"});
    return arguments;
}

}  // namespace

ServedPage::ServedPage(std::vector<std::string> arguments) : process_(complete(std::move(arguments))) {
    const std::string before = "Serving at http://127.0.0.1:";
    if (!eventually([&] { return process_.out().ends_with("/\n"); }) || !process_.out().starts_with(before))
        throw std::runtime_error("it does not serve: " + process_.out() + process_.err());
    port_ = std::stoi(process_.out().substr(before.size()));
}

}  // namespace prh::test
