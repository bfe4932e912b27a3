// SPDX-License-Identifier: MIT
// A running qemu-pr-helper, QEMU's or ours, with the injector inside; and the pair of them that every test of
// this folder compares.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "support/process.h"
#include "support/raw_client.h"
#include "support/shared_injection.h"

namespace prh::test {

constexpr const char* kOurProgram = PRH_BIN_DIR "/qemu-pr-helper";

/// What a request came to: a reply, or the end of the connection, perhaps of the whole program.
struct ReplyOutcome {
    std::optional<RawReply> reply;
    std::optional<int> exit_code;  ///< the program ended: 134 is an assertion

    std::string text() const;
    friend bool operator==(const ReplyOutcome&, const ReplyOutcome&) = default;
};

class Helper {
  public:
    enum class SgIo { Injected, Real };
    Helper(const std::string& program, SgIo sg_io);

    const std::string& socket() const { return socket_; }
    Process& process() { return *process_; }
    InjectionPage& page() { return injection_.page(); }

    /// One request on a connection that is kept from request to request, and made anew when it ended.
    ReplyOutcome ask(const Bytes& cdb, int descriptor, const Bytes& parameter_list);
    /// A connection after the handshake.
    RawClient connect();
    void restart();

  private:
    TemporaryDirectory directory_;
    const std::string program_;
    const std::string socket_;
    const SgIo sg_io_;
    SharedInjection injection_;
    std::unique_ptr<Process> process_;
    std::optional<RawClient> client_;
};

/// A block device that the kernel knows and that nobody is hurt by: /dev/loopN, mostly bound to nothing.
/// -1 if there is none.
int open_loop_device(int flags);

/// Skips where the comparison cannot be made, and fails instead on a CI machine (CI=true), which is to have
/// everything. Fails everywhere if the existing program is not QEMU's.
class CompatTest : public ::testing::Test {
  protected:
    void SetUp() override;
};

/// Both programs, started anew for each test.
class PairTest : public CompatTest {
  protected:
    void SetUp() override;
    void TearDown() override;
    virtual Helper::SgIo sg_io() const { return Helper::SgIo::Injected; }

    /// The same request to both, compared (comparison.h).
    void compare_answers(const Injection& injection, const Bytes& cdb, const Bytes& parameter_list = {});
    /// The same on a descriptor of the test's own.
    void compare_answers_on(int descriptor, const Injection& injection, const Bytes& cdb,
                            const Bytes& parameter_list = {});

    Helper& existing() { return *existing_; }
    Helper& ours() { return *ours_; }
    int device() const { return device_; }

  private:
    std::unique_ptr<Helper> existing_;
    std::unique_ptr<Helper> ours_;
    int device_ = -1;
};

}  // namespace prh::test
