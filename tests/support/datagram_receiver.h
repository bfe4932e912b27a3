// SPDX-License-Identifier: MIT
// A datagram socket that listens as systemd does for sd_notify(3), or as a log daemon does at /dev/log.
#pragma once

#include <string>
#include <vector>

#include "support/descriptor.h"

namespace prh::test {

class DatagramReceiver {
  public:
    /// Bound to a path, or to an abstract name where `address` begins with '@'; anybody may send.
    explicit DatagramReceiver(const std::string& address);

    /// Everything that has come so far, in order.
    const std::vector<std::string>& messages();
    /// Waits for one that contains `text`; false if none comes.
    bool receives(const std::string& text, int seconds = 30);
    std::size_t count(const std::string& text);  ///< of those that have come, how many contain it

  private:
    Descriptor socket_;
    std::vector<std::string> messages_;
};

}  // namespace prh::test
