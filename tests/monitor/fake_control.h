// SPDX-License-Identifier: MIT
// A control socket that answers as a test tells it.
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace prh::test {

class FakeControl {
  public:
    /// Called with the line of each client, one client after the other; what it returns is sent, and the
    /// connection closed.
    using Answer = std::function<std::string(const std::string& line)>;

    FakeControl(const std::string& path, Answer answer);
    FakeControl(const FakeControl&) = delete;
    FakeControl& operator=(const FakeControl&) = delete;
    ~FakeControl();

  private:
    void serve();

    Answer answer_;
    int listener_ = -1;
    std::thread thread_;
};

}  // namespace prh::test
