// SPDX-License-Identifier: MIT
#include "compat/program_run.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <regex>
#include <set>

#include "compat/comparison.h"
#include "compat/existing_program.h"

namespace prh::test {
namespace {

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
        text.replace(at, what.size(), with);
    return text;
}

const char* type_name(mode_t mode) {
    if (S_ISSOCK(mode)) return "socket";
    if (S_ISREG(mode)) return "file";
    if (S_ISLNK(mode)) return "link";
    return S_ISDIR(mode) ? "directory" : "other";
}

bool serves(const std::string& socket) {
    RawClient client;
    if (!client.connect(socket)) return false;
    // Somebody else may listen there and never greet: the test itself holds the sockets that it passes on.
    pollfd greeting{client.fd(), POLLIN, 0};
    return ::poll(&greeting, 1, 200) == 1 && client.handshake();
}

/// What a run with -d has left behind after all: the process that the pid file names, if it is this program.
void kill_background_process(const std::string& pid_file, const std::string& program) {
    const pid_t pid = std::atoi(read_file(pid_file).c_str());
    std::error_code error;
    const auto executable = std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/exe", error);
    if (pid > 1 && !error && executable == std::filesystem::canonical(program)) ::kill(pid, SIGKILL);
}

std::string exit_text(std::optional<int> code) { return code ? std::to_string(*code) : "still running"; }

}  // namespace

std::string describe_files(const std::string& directory, pid_t pid) {
    std::set<std::string> lines;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        struct stat status;
        if (::lstat(entry.path().c_str(), &status) != 0) continue;
        const auto normal = [pid](const std::string& text) {
            return std::regex_replace(replaced(text, std::to_string(pid), "PID"), std::regex("^[0-9]+\n$"),
                                      "NUMBER\n");
        };
        std::string line = fmt::format("{} {} {:04o}", normal(entry.path().filename().string()),
                                       type_name(status.st_mode), status.st_mode & 07777);
        if (S_ISREG(status.st_mode)) line += " '" + normal(read_file(entry.path())) + "'";
        lines.insert(line);
    }
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

ProgramTest::Observed ProgramTest::observe(const std::string& program, const ProgramRun& run) {
    const std::string directory = parent_ / "run";
    std::filesystem::remove_all(directory);
    std::filesystem::create_directory(directory);
    if (run.prepare) run.prepare(directory);

    std::vector<std::string> arguments = {program};
    for (const std::string& argument : run.arguments)
        arguments.push_back(replaced(argument, "DIR", directory));
    Process process(arguments, run.options);
    const std::string socket = replaced(run.socket, "DIR", directory);
    bool serving = false;
    eventually([&] { return (serving = serves(socket)) || !process.running(); });
    if (!serving) serving = serves(socket);  // in the background, when its parent has ended

    Observed seen;
    seen.serving = serving ? "yes\n" : "no\n";
    if (serving) {
        seen.files = describe_files(directory, process.pid());
        if (run.while_serving) seen.serving += run.while_serving(process, directory);
        process.signal(run.end_signal);
    }
    seen.exit = exit_text(process.wait(10));
    kill_background_process(directory + "/pid", program);
    seen.files_afterwards = describe_files(directory, process.pid());
    const auto normal = [&](const std::string& text) {
        return replaced(replaced(text, program, "ARGV0"), directory, "DIR");
    };
    seen.out = normal(process.out());
    seen.err = normal(process.err());
    return seen;
}

void ProgramTest::compare_runs(const std::string& situation, const ProgramRun& run) {
    const Observed theirs = observe(existing_program().path, run);
    const Observed mine = observe(kOurProgram, run);
    compare(TextExchange{situation + ": exit", theirs.exit, mine.exit});
    compare(TextExchange{situation + ": stdout", theirs.out, mine.out});
    compare(TextExchange{situation + ": stderr", theirs.err, mine.err});
    compare(TextExchange{situation + ": serving", theirs.serving, mine.serving});
    compare(TextExchange{situation + ": files while serving", theirs.files, mine.files});
    compare(TextExchange{situation + ": files afterwards", theirs.files_afterwards, mine.files_afterwards});
}

}  // namespace prh::test
