// SPDX-License-Identifier: MIT
// A running daemon with an intruder inside, on the thread that serves his request: he makes the system calls
// that the test wants (support/system_call_caller.cc).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "support/background_daemon.h"
#include "support/daemon.h"
#include "support/listening_socket.h"
#include "support/system_call_page.h"

namespace prh::test {

/// How the program is started.
enum class Way {
    AsRoot,
    AsUser,
    AsGroup,
    InBackground,
    InBackgroundAsUser,
    WithAmbientRawIo,
    Activated,    ///< by systemd, as the socket unit does
    LibvirtsWay,  ///< "-k" alone, in the machine's mount namespace, stderr's other end closed at once
};
inline constexpr std::array kWays = {
    Way::AsRoot,           Way::AsUser,    Way::AsGroup,    Way::InBackground, Way::InBackgroundAsUser,
    Way::WithAmbientRawIo, Way::Activated, Way::LibvirtsWay};
std::string name_of(Way way);
/// Why it cannot be started so on this machine; empty if it can.
std::string obstacle_to(Way way);

class IntrudedDaemon {
  public:
    explicit IntrudedDaemon(Way way, std::vector<std::string> arguments = {});
    IntrudedDaemon(const IntrudedDaemon&) = delete;
    IntrudedDaemon& operator=(const IntrudedDaemon&) = delete;
    ~IntrudedDaemon();

    using Arguments = std::array<long, kSystemCallArguments>;
    /// "done", an error's text, or how the process died; a new one is started then.
    std::string attempt(long number, const Arguments& arguments = {});
    /// The call `count` times by one intruder, argument `which` one more each time: an error number (0: done)
    /// for each. Empty if the process died.
    std::vector<int> sweep(long number, const Arguments& arguments, std::size_t which, std::size_t count);

    /// As an argument: the text, where the program can read it.
    long text(const std::string& text, std::size_t which = 0);
    long room() const { return static_cast<long>(page_->address + offsetof(SystemCallPage, room)); }

    pid_t pid() const { return background_ ? background_->pid() : process_->pid(); }
    std::optional<int> end(int signal);
    const TemporaryDirectory& directory() const { return directory_; }

  private:
    void start();
    bool serves();
    /// True if the calls were made; otherwise the process has died, and a new one is started.
    bool make_calls(long number, const Arguments& arguments);

    const Way way_;
    const std::vector<std::string> arguments_;
    const Orphanage orphanage_;
    TemporaryDirectory directory_;
    const std::string socket_ = directory_ / "socket";
    std::optional<Descriptor> listener_;  ///< systemd's, where there is one
    SystemCallPage* page_;
    std::optional<Process> process_;
    std::optional<BackgroundDaemon> background_;
    RawClient client_;
    std::string death_;
};

}  // namespace prh::test
