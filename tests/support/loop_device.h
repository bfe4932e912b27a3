// SPDX-License-Identifier: MIT
// A loop device over a file of the test: a block device that every Linux can make, and no SCSI disk.
#pragma once

#include <optional>
#include <string>

#include "support/descriptor.h"
#include "support/process.h"

namespace prh::test {

class LoopDevice {
  public:
    LoopDevice();  ///< sixteen MiB
    LoopDevice(const LoopDevice&) = delete;
    LoopDevice& operator=(const LoopDevice&) = delete;
    ~LoopDevice();

    const std::string& failure() const { return failure_; }  ///< why there is none; empty if there is one
    const std::string& node() const { return node_; }
    std::string name() const { return node_.substr(node_.rfind('/') + 1); }  ///< "loop0"
    std::string number() const;                                              ///< "7:0"
    /// Makes partition 1, 2 or 3, and a node of it in our own directory: /dev need not have one.
    std::optional<std::string> partition(int index);
    /// Detached and attached again: the same number, another disk.
    bool replace();

  private:
    bool attach();

    TemporaryDirectory directory_;
    Descriptor device_;
    std::string node_;
    std::string failure_;
};

}  // namespace prh::test
