// SPDX-License-Identifier: MIT
// A program under measurement: it listens on a socket of its own, and its memory can be read.
#pragma once

#include <cstdint>
#include <string>

#include "support/process.h"

namespace prh::bench {

/// Of one process, in KiB.
struct Memory {
    double resident = 0;       ///< VmRSS: all that is mapped and present, shared libraries in full
    double proportional = 0;   ///< Pss: shared pages divided by the number of processes that share them
    double private_pages = 0;  ///< Private_Clean + Private_Dirty: what would be free if it ended
};

/// Started as `PROGRAM -k SOCKET`, ended (by its process id) with this. Ready when the constructor returns:
/// it has greeted one client, which has gone again.
class Server {
  public:
    explicit Server(const std::string& program);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    const std::string& socket() const { return socket_; }
    Memory memory() const;

  private:
    test::TemporaryDirectory directory_;
    std::string socket_;
    test::Process process_;
};

}  // namespace prh::bench
