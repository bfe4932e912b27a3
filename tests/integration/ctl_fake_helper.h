// SPDX-License-Identifier: MIT
// A helper that behaves as a test tells it, above all badly; and prhelperctl, run against it.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/raw_client.h"

namespace prh::test {

/// A request as it came over the socket.
struct FakeRequest {
    Bytes cdb;
    Bytes parameter_list;
    std::size_t descriptors = 0;
    int access_mode = -1;  ///< O_RDONLY, O_RDWR of the descriptor
};

/// The helper's side of one connection.
class FakeConversation {
  public:
    explicit FakeConversation(int fd) : fd_(fd) {}

    /// The handshake; nothing if the client does not finish it.
    std::optional<std::uint32_t> greet(std::uint32_t features = 0);
    std::optional<FakeRequest> read_request();
    bool send(const Bytes& bytes);  ///< false: the client is gone
    void reply(std::uint32_t status, const Bytes& data = {}, const Bytes& sense = {});
    void wait_for_end();  ///< answers nothing until the client is gone

  private:
    std::optional<Bytes> read(std::size_t count, FakeRequest* request = nullptr);

    int fd_;
};

/// Listens on a socket and plays `script` with each client, one after the other.
class FakeHelper {
  public:
    using Script = std::function<void(FakeConversation&)>;

    FakeHelper(const std::string& path, Script script);
    FakeHelper(const FakeHelper&) = delete;
    FakeHelper& operator=(const FakeHelper&) = delete;
    ~FakeHelper();

  private:
    void serve();

    Script script_;
    int listener_ = -1;
    std::thread thread_;
};

/// A script that shakes hands and replies to every request alike, and keeps the requests.
class Answering {
  public:
    explicit Answering(std::uint32_t status, Bytes data = {}, Bytes sense = {})
        : status_(status), data_(std::move(data)), sense_(std::move(sense)) {}

    FakeHelper::Script script();
    std::vector<FakeRequest> requests() const;

  private:
    std::uint32_t status_;
    Bytes data_;
    Bytes sense_;
    mutable std::mutex mutex_;
    std::vector<FakeRequest> requests_;
};

/// What prhelperctl did.
struct CtlRun {
    int exit_code = -1;
    std::string out;
    std::string err;
};
CtlRun run_ctl(const std::vector<std::string>& arguments, const std::string& standard_input = {});

}  // namespace prh::test
