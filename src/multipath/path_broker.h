// SPDX-License-Identifier: MIT
// The daemon's end of the path broker: a process of its own that opens those paths of a client's map which
// the daemon cannot.
//
// libvirt starts a machine's helper in QEMU's private /dev, which has the nodes that were there at the start,
// and puts it into the machine's control group, which lets it open no others. A path that is added later is
// out of its reach. The broker is forked before that happens: it stays outside of the control group, and has
// a devtmpfs of its own, which is attached nowhere. It ends with the daemon.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "os/system_call_filter.h"

namespace prh {

class PathBroker {
  public:
    /// Forks. To be called with the rights that the program was started with, while it has one thread and
    /// nobody has seen its socket. It needs CAP_SYS_ADMIN in the first user namespace and Linux 5.9; the
    /// error says what is missing, which is no failure of the program. From here on the program's children
    /// leave no zombie.
    static Result<std::shared_ptr<PathBroker>> start(FilterMode mode);
    /// Of a broker at the other end of a SOCK_SEQPACKET socket.
    explicit PathBroker(UniqueFd socket) : socket_(std::move(socket)) {}

    /// `map`: a client's descriptor of a map; `name`, `number`: "sdf", "8:80" of one of its paths. Waits for
    /// as long as the node takes to open, and for those that others wait for: a job for a thread that nobody
    /// depends on. The error has errno as its code where the disk refused.
    Result<UniqueFd> open(FdRef map, const std::string& name, const std::string& number);

  private:
    std::mutex turn_;
    UniqueFd socket_;  // none once the broker has ended
};

}  // namespace prh
