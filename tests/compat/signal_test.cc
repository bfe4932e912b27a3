// SPDX-License-Identifier: MIT
// Signals, and what a second one changes.
#include <signal.h>

#include "compat/program_run.h"

namespace prh::test {
namespace {

class Signals : public ProgramTest {
  protected:
    void compare_signal(const std::string& name, int number) {
        ProgramRun run{.arguments = {"-k", "DIR/helper.sock", "-f", "DIR/pid"}};
        run.end_signal = number;
        compare_runs("signal " + name, run);
    }
    /// A signal that does not end it: afterwards it serves as before.
    void compare_survival(const std::string& name, int number) {
        ProgramRun run{.arguments = {"-k", "DIR/helper.sock"}};
        run.while_serving = [number](Process& process, const std::string& directory) {
            process.signal(number);
            RawClient client;
            const bool serves = client.open(directory + "/helper.sock");
            return std::string(serves && process.running() ? "serves on" : "does not serve");
        };
        compare_runs("signal " + name + " and then TERM", run);
    }
};

TEST_F(Signals, ThatEndTheProgram) {
    compare_signal("TERM", SIGTERM);
    compare_signal("INT", SIGINT);
    compare_signal("HUP", SIGHUP);
    compare_signal("QUIT", SIGQUIT);
    compare_signal("KILL", SIGKILL);
    compare_signal("USR2", SIGUSR2);
}

TEST_F(Signals, ThatAreIgnored) {
    compare_survival("PIPE", SIGPIPE);
    compare_survival("USR1", SIGUSR1);
    compare_survival("ALRM", SIGALRM);
    compare_survival("IO", SIGIO);
    compare_survival("CHLD", SIGCHLD);
}

TEST_F(Signals, ConnectionsAreEndedByTheEnd) {
    ProgramRun run{.arguments = {"-k", "DIR/helper.sock"}};
    run.while_serving = [](Process& process, const std::string& directory) {
        RawClient idle;
        if (!idle.open(directory + "/helper.sock")) return std::string("not served");
        process.signal(SIGTERM);
        return std::string(idle.closed_by_peer() ? "closed" : "not closed");
    };
    compare_runs("signal TERM with an idle connection", run);
}

}  // namespace
}  // namespace prh::test
