// SPDX-License-Identifier: MIT
// Socket activation: LISTEN_PID, LISTEN_FDS and descriptor 3.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "compat/program_run.h"

namespace prh::test {
namespace {

class Activation : public ProgramTest {
  protected:
    void SetUp() override {
        ProgramTest::SetUp();
        listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    }
    void TearDown() override { ::close(listener_); }

    /// A run whose descriptor 3 listens on DIR/helper.sock.
    ProgramRun run_with(const std::string& pid, const std::string& count,
                        const std::vector<std::string>& arguments = {}) {
        ProgramRun run{.arguments = arguments};
        run.options.environment = {{"LISTEN_PID", pid}, {"LISTEN_FDS", count}};
        run.options.descriptors = {{listener_, 3}};
        run.prepare = [this](const std::string& directory) { listen_in(directory); };
        return run;
    }
    /// The same descriptor number for each run: ProcessOptions names it.
    void listen_in(const std::string& directory) {
        const int fresh = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, (directory + "/helper.sock").c_str(), sizeof address.sun_path - 1);
        ASSERT_EQ(::bind(fresh, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        ASSERT_EQ(::listen(fresh, 8), 0);
        ASSERT_EQ(::dup3(fresh, listener_, O_CLOEXEC), listener_);
        ::close(fresh);
    }
    /// A run in which descriptor 3 is `descriptor`, or closed if < 0.
    ProgramRun run_with_third(int descriptor) {
        ProgramRun run;
        run.options.environment = {{"LISTEN_PID", "$PID"}, {"LISTEN_FDS", "1"}};
        if (descriptor >= 0)
            run.options.descriptors = {{descriptor, 3}};
        else
            run.options.before_exec = [] { ::close(3); };
        return run;
    }

  private:
    int listener_ = -1;
};

TEST_F(Activation, Usual) {
    ProgramRun run = run_with("$PID", "1");
    // Nothing of it is handed to a child of the program, and the socket is not the program's to remove.
    run.while_serving = [](Process& process, const std::string&) {
        std::string text;
        const std::string fields = read_file("/proc/" + std::to_string(process.pid()) + "/fdinfo/3");
        const std::size_t flags = fields.find("flags:");
        const bool close_on_exec =
            flags != std::string::npos && (std::stoul(fields.substr(flags + 6), nullptr, 8) & O_CLOEXEC) != 0;
        return std::string(close_on_exec ? "close-on-exec" : "inherited");
    };
    compare_runs("activation", run);
}

TEST_F(Activation, WithAPidFile) {
    compare_runs("activation with a pid file", run_with("$PID", "1", {"-f", "DIR/pid"}));
}

TEST_F(Activation, WithASocketPath) {
    compare_runs("activation with -k", run_with("$PID", "1", {"-k", "DIR/own.sock"}));
}

TEST_F(Activation, MoreThanOneDescriptor) {
    ProgramRun run = run_with("$PID", "2");
    run.options.descriptors.push_back({run.options.descriptors.front().first, 4});
    compare_runs("activation with two descriptors", run);
}

TEST_F(Activation, MeantForAnotherProcess) {
    for (const char* const pid : {"1", "", "x", "0x1"}) {
        ProgramRun run = run_with(pid, "1", {"-k", "DIR/own.sock"});
        run.socket = "DIR/own.sock";
        compare_runs("activation meant for another", run);
    }
}

TEST_F(Activation, WithoutDescriptors) {
    for (const char* const count : {"0", "", "x", "1x"}) {
        ProgramRun run = run_with("$PID", count, {"-k", "DIR/own.sock"});
        run.socket = "DIR/own.sock";
        compare_runs("activation without descriptors", run);
    }
}

TEST_F(Activation, CountThatIsNone) {
    for (const char* const count : {"-1", "4294967296"})
        compare_runs("activation with an impossible count", run_with("$PID", count, {"-k", "DIR/own.sock"}));
}

TEST_F(Activation, ThirdDescriptorIsClosed) {
    compare_runs("activation with a closed descriptor", run_with_third(-1));
}

TEST_F(Activation, ThirdDescriptorIsAFile) {
    const int file = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    compare_runs("activation with a file", run_with_third(file));
    ::close(file);
}

}  // namespace
}  // namespace prh::test
