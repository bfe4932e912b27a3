// SPDX-License-Identifier: MIT
#include "support/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace prh::test {
namespace {

using Clock = std::chrono::steady_clock;

std::string read_available(int fd, std::string& into) {
    char buffer[4096];
    while (fd >= 0) {
        const ssize_t got = ::read(fd, buffer, sizeof buffer);
        if (got <= 0) break;
        into.append(buffer, static_cast<std::size_t>(got));
    }
    return into;
}

}  // namespace

bool eventually(const std::function<bool()>& condition, int seconds) {
    const auto deadline = Clock::now() + std::chrono::seconds(seconds);
    while (!condition()) {
        if (Clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

Process::Process(const std::vector<std::string>& arguments, const ProcessOptions& options) {
    int out[2], err[2];
    if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    std::vector<char*> argv;
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork");
    if (pid_ == 0) {
        ::dup2(out[1], 1);
        ::dup2(err[1], 2);
        for (const auto& [ours, theirs] : options.descriptors) {
            if (ours == theirs)
                ::fcntl(ours, F_SETFD, 0);
            else
                ::dup2(ours, theirs);
        }
        for (const auto& [name, value] : options.environment) {
            // LISTEN_PID names the process that is started, which only the child knows
            const std::string text = value == "$PID" ? std::to_string(::getpid()) : value;
            ::setenv(name.c_str(), text.c_str(), 1);
        }
        if (options.before_exec) options.before_exec();
        ::execvp(argv[0], argv.data());
        ::_exit(127);
    }
    ::close(out[1]);
    ::close(err[1]);
    out_fd_ = out[0];
    err_fd_ = err[0];
    ::fcntl(out_fd_, F_SETFL, O_NONBLOCK);
    ::fcntl(err_fd_, F_SETFL, O_NONBLOCK);
    if (options.close_stderr_reader) stop_reading_stderr();
}

Process::~Process() {
    if (!exit_code_) {
        ::kill(pid_, SIGKILL);
        wait(30);
    }
    if (out_fd_ >= 0) ::close(out_fd_);
    if (err_fd_ >= 0) ::close(err_fd_);
}

void Process::signal(int number) const {
    if (!exit_code_) ::kill(pid_, number);
}

bool Process::running() { return !wait(0); }

bool Process::stop() const {
    signal(SIGSTOP);
    return eventually([this] {
        auto threads = thread_statuses(pid_);
        return std::all_of(threads.begin(), threads.end(),
                           [](auto& thread) { return thread["State"].starts_with('T'); });
    });
}

void Process::go_on() const { signal(SIGCONT); }

std::optional<int> Process::wait(int seconds) {
    const auto deadline = Clock::now() + std::chrono::seconds(seconds);
    while (!exit_code_) {
        int status = 0;
        drain();
        if (::waitpid(pid_, &status, WNOHANG) == pid_) {
            exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            break;
        }
        if (Clock::now() >= deadline) return std::nullopt;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    drain();
    return exit_code_;
}

void Process::drain() {
    read_available(out_fd_, out_);
    read_available(err_fd_, err_);
}

std::string Process::out() { return drain(), out_; }
std::string Process::err() { return drain(), err_; }

bool Process::err_contains(const std::string& text, int seconds) {
    return eventually([&] { return err().find(text) != std::string::npos; }, seconds);
}

void Process::stop_reading_stderr() {
    drain();
    if (err_fd_ >= 0) ::close(err_fd_);
    err_fd_ = -1;
}

TemporaryDirectory::TemporaryDirectory() {
    char name[] = "/tmp/prh-test-XXXXXX";
    if (::mkdtemp(name) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
    ::chmod(name, 0755);
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::vector<std::map<std::string, std::string>> thread_statuses(pid_t pid) {
    std::vector<std::map<std::string, std::string>> threads;
    std::error_code error;
    for (const auto& entry :
         std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", error)) {
        std::ifstream file(entry.path() / "status");
        std::map<std::string, std::string> fields;
        for (std::string line; std::getline(file, line);) {
            const auto colon = line.find(':');
            if (colon == std::string::npos) continue;
            const auto start = line.find_first_not_of(" \t", colon + 1);
            fields[line.substr(0, colon)] = start == std::string::npos ? "" : line.substr(start);
        }
        if (!fields.empty()) threads.push_back(std::move(fields));
    }
    return threads;
}

std::size_t open_descriptors(pid_t pid) {
    std::size_t count = 0;
    std::error_code error;
    for ([[maybe_unused]] const auto& entry :
         std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd", error))
        ++count;
    return count;
}

int lowest_free_descriptor(pid_t pid) {
    int free = 0;
    const std::string directory = "/proc/" + std::to_string(pid) + "/fd/";
    while (std::filesystem::is_symlink(directory + std::to_string(free))) ++free;
    return free;
}

bool limit_descriptors(pid_t pid, int end) {
    rlimit limit{};
    if (::prlimit(pid, RLIMIT_NOFILE, nullptr, &limit) != 0) return false;
    limit.rlim_cur = static_cast<rlim_t>(end);
    return ::prlimit(pid, RLIMIT_NOFILE, &limit, nullptr) == 0;
}

namespace {

/// For how long its threads have run, in nanoseconds (/proc/PID/task/TID/schedstat).
std::uint64_t run_time(pid_t pid) {
    std::uint64_t sum = 0;
    std::error_code error;
    for (const auto& entry :
         std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", error)) {
        std::uint64_t one = 0;
        std::ifstream(entry.path() / "schedstat") >> one;
        sum += one;
    }
    return sum;
}

}  // namespace

bool comes_to_rest(pid_t pid) {
    constexpr int kLooks = 100;
    constexpr int kMostWithWork = 10;  // a timer may go off meanwhile
    std::uint64_t before = run_time(pid);
    int looks = 0, with_work = 0;
    return eventually([&] {
        const std::uint64_t now = run_time(pid);
        if (std::exchange(before, now) != now) ++with_work;
        if (++looks < kLooks) return false;
        looks = 0;
        return std::exchange(with_work, 0) <= kMostWithWork;
    });
}

double processor_time(pid_t pid) {
    const std::string text = read_file("/proc/" + std::to_string(pid) + "/stat");
    std::istringstream rest(text.substr(text.rfind(')') + 1));
    const std::vector<std::string> fields{std::istream_iterator<std::string>(rest), {}};
    return static_cast<double>(std::stoul(fields.at(11)) + std::stoul(fields.at(12))) /
           static_cast<double>(::sysconf(_SC_CLK_TCK));
}

bool exists(const std::string& path) {
    struct stat ignored;
    return ::lstat(path.c_str(), &ignored) == 0;
}

std::string read_file(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

void write_file(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

}  // namespace prh::test
