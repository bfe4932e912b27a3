// SPDX-License-Identifier: MIT
// Programs under test: started, watched, and ended by process id; never left behind.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace prh::test {

/// Polls until `condition` holds; false after `seconds`. The bound is for a machine under load, never an
/// assertion on speed.
bool eventually(const std::function<bool()>& condition, int seconds = 30);

struct ProcessOptions {
    std::map<std::string, std::string> environment;  ///< added to ours
    std::function<void()> before_exec;               ///< runs in the child (async-signal-safe calls only)
    std::vector<std::pair<int, int>> descriptors;    ///< {ours, number in the child}
    bool close_stderr_reader = false;  ///< the reading end of stderr is closed at once, as libvirt does
};

/// A child with its stdout and stderr collected; killed (by its process id) when this ends.
class Process {
  public:
    explicit Process(const std::vector<std::string>& arguments, const ProcessOptions& options = {});
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process();

    pid_t pid() const { return pid_; }
    bool running();
    void signal(int number) const;
    bool stop() const;  ///< SIGSTOP; true once every thread has stopped
    void go_on() const;
    /// The exit code (128 + N if it died of signal N), or nothing if it is still there after `seconds`.
    std::optional<int> wait(int seconds = 30);
    std::string out();  ///< everything written so far
    std::string err();
    bool err_contains(const std::string& text, int seconds = 30);
    void stop_reading_stderr();  ///< from here on its writes to stderr meet EPIPE

  private:
    void drain();

    pid_t pid_ = -1;
    int out_fd_ = -1;
    int err_fd_ = -1;
    std::string out_;
    std::string err_;
    std::optional<int> exit_code_;
};

/// A directory of its own under /tmp, removed at the end.
class TemporaryDirectory {
  public:
    TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory();
    const std::string& path() const { return path_; }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

/// "CapEff" and its like of every thread of a process: /proc/PID/task/*/status.
std::vector<std::map<std::string, std::string>> thread_statuses(pid_t pid);
std::size_t open_descriptors(pid_t pid);
/// Of a process: what its next open(2) would get; and from which number on it gets none (RLIMIT_NOFILE).
int lowest_free_descriptor(pid_t pid);
bool limit_descriptors(pid_t pid, int end);
/// Somebody who looks often sees that the process has hardly ever run since the last look. One that spins has
/// run nearly every time, on a loaded machine too. Not by the state of its threads: the kernel may show one
/// that its control group throttles as asleep.
bool comes_to_rest(pid_t pid);
double processor_time(pid_t pid);  ///< of all its threads, in seconds
bool exists(const std::string& path);
std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& text);

}  // namespace prh::test
