// SPDX-License-Identifier: MIT
// A qemu-pr-helper of the test's own: in a directory of its own, on a socket of its own, ended with the test.
#pragma once

#include <string>
#include <vector>

#include "support/environment.h"
#include "support/process.h"
#include "support/raw_client.h"

namespace prh::test {

/// The answer to a request for a descriptor that is no device: the daemon itself gives it (ENOTTY of SG_IO).
constexpr char kNoDevice[] = "02 b/00/06";

/// A descriptor of /dev/null, read-write.
int null_device();

/// A PERSISTENT RESERVE IN for /dev/null, which every daemon can answer; its RawReply::brief(), or "nothing".
std::string ask(RawClient& client);
/// Connects, asks, and disconnects.
std::string ask(const std::string& socket);

class Daemon {
  public:
    /// Started with `arguments` after "-k SOCKET"; returns when it serves (or has ended).
    explicit Daemon(const std::vector<std::string>& arguments = {}, const ProcessOptions& options = {},
                    const std::string& program = "qemu-pr-helper");

    const std::string& socket() const { return socket_; }
    const TemporaryDirectory& directory() const { return directory_; }
    Process& process() { return process_; }
    pid_t pid() const { return process_.pid(); }

    RawClient connect() const;  ///< connected, handshake done
    std::string ask() const { return test::ask(socket_); }
    /// Sends the signal and waits: the exit code, or -1 if it is still there.
    int end(int signal);
    int end();  ///< SIGTERM

  private:
    TemporaryDirectory directory_;
    std::string socket_;
    Process process_;
};

}  // namespace prh::test
