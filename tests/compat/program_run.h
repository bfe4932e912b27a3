// SPDX-License-Identifier: MIT
// One run of a program from its arguments to its end, as texts to compare: exit code, messages, and the files
// it made. Both programs run in the same directory one after the other, so that their arguments are the same.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "compat/helper.h"

namespace prh::test {

/// What is done to both. "DIR" in an argument is the directory of the run, empty at first.
struct ProgramRun {
    std::vector<std::string> arguments;
    /// Before the start: files, sockets, locks in the directory.
    std::function<void(const std::string& directory)> prepare = {};
    ProcessOptions options = {};
    /// Once it serves, while it runs; returns what is to be compared.
    std::function<std::string(Process& process, const std::string& directory)> while_serving = {};
    int end_signal = 15;                     ///< SIGTERM; how a run that serves is ended
    std::string socket = "DIR/helper.sock";  ///< where it is expected to serve
};

class ProgramTest : public CompatTest {
  protected:
    /// Compares under `SITUATION: exit`, `: stdout`, `: stderr`, `: serving`, `: files while serving` and
    /// `: files afterwards`.
    void compare_runs(const std::string& situation, const ProgramRun& run);

  private:
    struct Observed {
        std::string exit, out, err, serving, files, files_afterwards;
    };
    Observed observe(const std::string& program, const ProgramRun& run);

    TemporaryDirectory parent_;
};

/// Name, type, permission bits and content of everything in `directory`, but no more than can be the same
/// twice: `pid` is PID, and another number alone in a file is NUMBER.
std::string describe_files(const std::string& directory, pid_t pid);

}  // namespace prh::test
