// SPDX-License-Identifier: MIT
// A file of tests/integration/hostile_fuse.cc, which never answers ioctl(2) or close(2).
#pragma once

#include <optional>
#include <string>
#include <thread>

#include "support/descriptor.h"
#include "support/process.h"

namespace prh::test {

class HostileFuseFile {
  public:
    HostileFuseFile();
    ~HostileFuseFile() { end(); }

    /// Why there is none on this machine; empty if there is one.
    const std::string& failure() const { return failure_; }
    /// For a program that opens it itself, as root.
    std::string path() const;
    /// Open it after the programs under test are started: a child's exec(2) closes its copy, and would wait.
    void open();
    int descriptor() const { return file_.get(); }
    /// Our own copy is closed by a thread, which waits from here on.
    void leave_it_to_others();
    std::size_t count(const std::string& call);  ///< "ioctl" or "flush": how many wait for an answer
    /// The server dies, and everybody who waits for it goes on with an error. Before our own copy is closed:
    /// that would wait too.
    void end();

  private:
    TemporaryDirectory directory_;
    std::optional<Process> server_;
    Descriptor file_;
    std::string failure_;
    std::thread closing_;
};

}  // namespace prh::test
