// SPDX-License-Identifier: MIT
// Another client process: the server sees its process id and user at the other end of connections that the
// test uses.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "support/descriptor.h"
#include "support/raw_client.h"

namespace prh::test {

class OtherProcess {
  public:
    /// `become`: runs in it first, such as become_nobody(). `number`: its process id (clone3(2), set_tid: for
    /// root); 0: any.
    explicit OtherProcess(
        const std::function<void()>& become = [] {}, pid_t number = 0);
    OtherProcess(const OtherProcess&) = delete;
    OtherProcess& operator=(const OtherProcess&) = delete;
    ~OtherProcess();

    pid_t pid() const { return pid_; }
    /// Connected by it, no handshake yet; not connected (fd() < 0) if it could not.
    RawClient connect(const std::string& path);
    RawClient open(const std::string& path);  ///< with the handshake

  private:
    pid_t pid_ = -1;
    Descriptor orders_;
};

}  // namespace prh::test
