// SPDX-License-Identifier: MIT
// Two hosts of a cluster that fence each other on one disk of prhelper-emulator, over and over: each
// command's answer is known beforehand, so that a wrong one is seen at once, under whatever load.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

#include "support/descriptor.h"
#include "support/raw_client.h"

namespace prh::test {

class HonestClient {
  public:
    /// Makes the disk and its two names, `disk` with "-alpha" and "-beta" appended.
    HonestClient(std::string socket, const std::string& disk);

    /// The next command of the row. False if it was not answered as it must be: failure() says how.
    bool step();
    /// What is left of a row is done, so that no registration remains.
    bool finish();
    /// The next step is sent on a new connection.
    void reconnect() { client_.close(); }
    const std::string& failure() const { return failure_; }

  private:
    const std::string socket_;
    std::array<Descriptor, 2> hosts_;
    RawClient client_;
    std::size_t next_ = 0;
    std::string failure_;
};

}  // namespace prh::test
