// SPDX-License-Identifier: MIT
// A real server with a control socket, and who asks it.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "support/daemon.h"
#include "support/descriptor.h"
#include "support/lingering_socket.h"

namespace prh::test {

using Json = nlohmann::json;

/// One connection to it: what is sent is a line, what is read are lines.
class Asker {
  public:
    explicit Asker(const std::string& path) { connected_ = client_.connect(path); }
    Asker(const std::string& path, const std::string& line) : Asker(path) { say(line + "\n"); }

    bool connected() const { return connected_; }
    void say(const std::string& text) { EXPECT_TRUE(client_.send_bytes(Bytes(text.begin(), text.end()))); }
    /// The next line, without its end; nothing if the connection ends before.
    std::optional<std::string> line() {
        std::string text;
        for (;;) {
            const auto byte = client_.read_bytes(1);
            if (!byte) return std::nullopt;
            if (byte->front() == '\n') return text;
            text += static_cast<char>(byte->front());
        }
    }
    void stop_sending() { EXPECT_EQ(::shutdown(client_.fd(), SHUT_WR), 0); }
    bool closed() { return client_.closed_by_peer(); }

  private:
    RawClient client_;
    bool connected_ = false;
};

class ControlTest : public ::testing::Test {
  protected:
    void serve(std::vector<std::string> arguments = {}, const std::string& program = "qemu-pr-helper",
               const ProcessOptions& options = {}) {
        arguments.push_back("--control=" + path());
        daemon_.emplace(arguments, options, program);
        // The first socket is there first; who asks waits as a person does who starts both.
        ASSERT_TRUE(eventually([&] { return exists(path()); }));
    }
    void serve_emulated(const std::vector<std::string>& arguments = {}) {
        write_file(directory_ / "disk", "");
        disk_ = Descriptor(directory_ / "disk");
        serve(arguments, "prhelper-emulator");
    }
    std::string path() { return directory_ / "control"; }
    Json state() {
        Asker asker(path(), "state");
        const auto line = asker.line();
        EXPECT_TRUE(line);
        EXPECT_TRUE(asker.closed()) << "one answer, and no more";
        return Json::parse(line.value_or("{}"));
    }
    /// The states of all connections, once they are `wanted`.
    bool connections_become(const std::vector<std::string>& wanted) {
        return eventually([&] {
            std::vector<std::string> found;
            const Json state = this->state();
            for (const Json& connection : state["connections"]) found.push_back(connection["state"]);
            std::sort(found.begin(), found.end());
            return found == wanted;
        });
    }
    /// Sends a request whose descriptor does not let itself be closed until it is released.
    RawClient& hang() {
        slow_.emplace_back();
        hanging_.push_back(daemon_->connect());
        EXPECT_TRUE(hanging_.back().send_bytes({0x5E}, {slow_.back().descriptor()}));
        slow_.back().leave_it_to_others();
        EXPECT_TRUE(hanging_.back().send_bytes(Bytes(15)));
        return hanging_.back();
    }
    void release() {
        for (LingeringSocket& socket : slow_) socket.release();
        for (RawClient& client : hanging_) EXPECT_TRUE(client.read_reply());
    }

    TemporaryDirectory directory_;
    Descriptor disk_;
    std::optional<Daemon> daemon_;
    std::list<LingeringSocket> slow_;
    std::list<RawClient> hanging_;
};

}  // namespace prh::test
