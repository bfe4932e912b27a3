// SPDX-License-Identifier: MIT
// A multipathd for tests: listens on a socket of its own, answers as a version does, or misbehaves.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/descriptor.h"
#include "support/process.h"

namespace prh::test {

class FakeMultipathd {
  public:
    /// What it does with a command, instead of answering in words.
    enum class Manner { Answer, Hang, CloseAtOnce, DieInReply, GiantLength, ZeroLength, SlowBytes };
    using Replies = std::function<std::string(const std::string& command)>;

    /// Listens at `address`: a path, or "@NAME".
    FakeMultipathd(const std::string& address, Replies replies, Manner manner = Manner::Answer);
    FakeMultipathd(const FakeMultipathd&) = delete;
    FakeMultipathd& operator=(const FakeMultipathd&) = delete;
    ~FakeMultipathd();  ///< closes every connection, and the socket

    void set_manner(Manner manner) { manner_ = manner; }
    std::vector<std::string> commands() const;  ///< so far
    int connections() const { return connections_; }

    /// What a version from 0.7 to 0.14 answers for a map that it knows, with "reservation_key file".
    static Replies version(int minor);

  private:
    void serve();
    bool converse(int connection);

    Descriptor listener_;
    Descriptor ending_;  // a pipe's end whose closing ends everything
    int ending_reader_ = -1;
    const std::string path_;
    const Replies replies_;
    std::atomic<Manner> manner_;
    std::atomic<int> connections_ = 0;
    mutable std::mutex mutex_;
    std::vector<std::string> commands_;
    std::thread thread_;
};

}  // namespace prh::test
