// SPDX-License-Identifier: MIT
// prhelperctl serve, at a port of loopback that was free.
#pragma once

#include <string>
#include <vector>

#include "support/process.h"

namespace prh::test {

class ServedPage {
  public:
    /// `arguments` are those of `prhelperctl serve` but --listen.
    explicit ServedPage(std::vector<std::string> arguments);

    int port() const { return port_; }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }
    Process& process() { return process_; }

  private:
    Process process_;
    int port_ = 0;
};

}  // namespace prh::test
