// SPDX-License-Identifier: MIT
// A descriptor whose last close(2) blocks, which any user can make: a TCP connection with SO_LINGER and bytes
// that its peer does not take (tcp(7), socket(7)). Unlike a hostile FUSE file it lets a dying process go.
#pragma once

#include "support/descriptor.h"

namespace prh::test {

class LingeringSocket {
  public:
    LingeringSocket();

    /// The descriptor to be sent.
    int descriptor() const { return sender_.get(); }
    /// Our own copy is closed: then the last close of another one blocks. Call it only while another exists
    /// for sure (in a message that cannot be received yet, or in an unfinished request), or it blocks here.
    void leave_it_to_others() { sender_.close(); }
    /// Whoever is blocked in close goes on.
    void release() { receiver_.close(); }

  private:
    Descriptor sender_;
    Descriptor receiver_;  // ends first: a broken connection does not linger
};

}  // namespace prh::test
