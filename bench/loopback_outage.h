// SPDX-License-Identifier: MIT
// The network of this machine to itself is down as long as this exists: a disk over iSCSI on it does not
// answer.
#pragma once

namespace prh::bench {

class LoopbackOutage {
  public:
    LoopbackOutage() { set_up(false); }
    LoopbackOutage(const LoopbackOutage&) = delete;
    LoopbackOutage& operator=(const LoopbackOutage&) = delete;
    ~LoopbackOutage();

  private:
    static void set_up(bool up);
};

}  // namespace prh::bench
