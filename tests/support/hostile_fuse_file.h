// SPDX-License-Identifier: MIT
// Files of tests/integration/hostile_fuse.cc: one never answers ioctl(2) or close(2), one is slow to open.
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
    /// Opening it waits until let_open().
    std::string slow_path() const;
    void let_open() const;
    /// Open it after the programs under test are started: a child's exec(2) closes its copy, and would wait.
    void open();
    int descriptor() const { return file_.get(); }
    /// Our own copy is closed by a thread, which waits from here on.
    void leave_it_to_others();
    std::size_t count(
        const std::string& call);  ///< "ioctl", "flush" or "open": how many have waited for an answer
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
