// SPDX-License-Identifier: MIT
// The pid file, and the second instance that it keeps away.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include "compat/program_run.h"

namespace prh::test {
namespace {

class PidFile : public ProgramTest {
  protected:
    static const std::vector<std::string> kUsual;
};
const std::vector<std::string> PidFile::kUsual = {"-k", "DIR/helper.sock", "-f", "DIR/pid"};

TEST_F(PidFile, Usual) { compare_runs("pid file", {.arguments = kUsual}); }

TEST_F(PidFile, LongOption) {
    compare_runs("pid file, long option", {.arguments = {"--socket=DIR/helper.sock", "--pidfile=DIR/pid"}});
}

TEST_F(PidFile, StaleFileIsReused) {
    const auto prepare = [](const std::string& directory) {
        write_file(directory + "/pid", "a much longer content than any pid\n");
        ::chmod((directory + "/pid").c_str(), 0644);
    };
    compare_runs("pid file that is stale", {.arguments = kUsual, .prepare = prepare});
}

TEST_F(PidFile, RelativePath) {
    TemporaryDirectory directory;
    ProgramRun run{.arguments = {"-k", "DIR/helper.sock", "-f", "relative.pid"}};
    const std::string path = directory.path();
    run.options.before_exec = [path] { [[maybe_unused]] const int changed = ::chdir(path.c_str()); };
    run.while_serving = [&](Process& process, const std::string&) {
        return describe_files(directory.path(), process.pid());
    };
    compare_runs("pid file, relative", run);
}

TEST_F(PidFile, DirectoryIsMissing) {
    compare_runs("pid file in a missing directory",
                 {.arguments = {"-k", "DIR/helper.sock", "-f", "DIR/missing/pid"}});
}

TEST_F(PidFile, PathIsADirectory) {
    compare_runs("pid file is a directory", {.arguments = {"-k", "DIR/helper.sock", "-f", "DIR"}});
}

TEST_F(PidFile, PathIsASymbolicLink) {
    const auto prepare = [](const std::string& directory) {
        write_file(directory + "/precious", "content\n");
        std::filesystem::create_symlink(directory + "/precious", directory + "/pid");
    };
    compare_runs("pid file is a symbolic link", {.arguments = kUsual, .prepare = prepare});
}

TEST_F(PidFile, LockedByAnother) {
    int file = -1;
    const auto prepare = [&](const std::string& directory) {
        if (file >= 0) ::close(file);
        file = ::open((directory + "/pid").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        struct flock lock {};
        lock.l_type = F_WRLCK;
        ASSERT_EQ(::fcntl(file, F_SETLK, &lock), 0);
        ASSERT_EQ(::write(file, "1\n", 2), 2);
    };
    compare_runs("pid file is locked", {.arguments = kUsual, .prepare = prepare});
    ::close(file);
}

TEST_F(PidFile, LockWhileItRuns) {
    ProgramRun run{.arguments = kUsual};
    run.while_serving = [](Process& process, const std::string& directory) {
        const int file = ::open((directory + "/pid").c_str(), O_RDWR | O_CLOEXEC);
        struct flock lock {};
        lock.l_type = F_WRLCK;
        ::fcntl(file, F_GETLK, &lock);
        ::close(file);
        if (lock.l_type == F_UNLCK || lock.l_start != 0 || lock.l_len != 0) return std::string("not locked");
        // fcntl(2): a lock of an open file description has no process
        return std::string("locked as a whole by ") + (lock.l_pid == process.pid() ? "the process"
                                                       : lock.l_pid == -1          ? "the file"
                                                                                   : "another");
    };
    compare_runs("lock of the pid file", run);
}

TEST_F(PidFile, InTheBackground) {
    ProgramRun run{.arguments = {"-d", "-k", "DIR/helper.sock", "-f", "DIR/pid"}};
    run.while_serving = [](Process& process, const std::string& directory) {
        pid_t pid = 0;
        std::string text;
        eventually([&] { return (pid = std::atoi(read_file(directory + "/pid").c_str())) > 0; });
        const std::string proc = "/proc/" + std::to_string(pid);
        text += "parent ended with " + std::to_string(process.wait().value_or(-1)) + "\n";
        text += ::getsid(pid) == pid ? "a session of its own\n" : "no session of its own\n";
        for (const char* const link : {"/cwd", "/fd/0", "/fd/1", "/fd/2"})
            text += std::string(link) + " " + std::filesystem::read_symlink(proc + link).string() + "\n";
        text += describe_files(directory, pid);
        ::kill(pid, SIGTERM);
        text += eventually([&] { return ::kill(pid, 0) != 0; }) ? "ended\n" : "did not end\n";
        return text;
    };
    compare_runs("in the background", run);
}

TEST_F(PidFile, FailuresInTheBackground) {
    compare_runs("in the background, socket in a missing directory",
                 {.arguments = {"-d", "-k", "DIR/missing/helper.sock", "-f", "DIR/pid"}});
    compare_runs("in the background, pid file in a missing directory",
                 {.arguments = {"-d", "-k", "DIR/helper.sock", "-f", "DIR/missing/pid"}});
}

}  // namespace
}  // namespace prh::test
