// SPDX-License-Identifier: MIT
#include "compat/existing_program.h"

#include <unistd.h>

#include <cstdlib>
#include <regex>
#include <vector>

#include "support/process.h"

namespace prh::test {
namespace {

constexpr const char* kUsual = "/usr/bin/qemu-pr-helper";

std::string output_of(const std::vector<std::string>& command) {
    Process process(command);
    process.wait();
    return process.out();
}

/// The first line of what `dpkg-divert --truename` says: the path itself where nothing is diverted.
std::string diverted() {
    const std::string said = output_of({"/usr/bin/dpkg-divert", "--truename", kUsual});
    return said.substr(0, said.find('\n'));
}

std::vector<std::string> candidates() {
    if (const char* const named = std::getenv("QEMU_PR_HELPER")) return {named};
    // The last one is the name that a package manager gives where two packages have the path.
    return {diverted(), kUsual, std::string(kUsual) + ".distrib",
            std::string(kUsual) + ".qemu-system-common"};
}

/// "qemu-pr-helper 7.2.22 (Debian ...)", and further down the QEMU Project's copyright, which ours has not.
ExistingProgram examine(const std::string& path) {
    const std::string version = output_of({path, "--version"});
    std::smatch number;
    const std::string line = version.substr(0, version.find('\n'));
    if (version.find("QEMU") == std::string::npos ||
        !std::regex_search(line, number, std::regex(" ([0-9]+)\\.")))
        return {path, 0,
                path + " is not QEMU's program (--version says '" + line +
                    "'), and comparing ours to itself proves nothing: reinstall qemu-system-common, or name "
                    "QEMU's program in the environment variable QEMU_PR_HELPER"};
    return {path, std::stoi(number[1]), ""};
}

ExistingProgram find() {
    ExistingProgram found{kUsual, 0, std::string(kUsual) + " is not installed", true};
    for (const std::string& path : candidates()) {
        if (::access(path.c_str(), X_OK) != 0) continue;
        ExistingProgram examined = examine(path);
        if (examined.problem.empty()) return examined;
        if (found.missing) found = examined;
    }
    return found;
}

}  // namespace

const ExistingProgram& existing_program() {
    static const ExistingProgram found = find();
    return found;
}

}  // namespace prh::test
