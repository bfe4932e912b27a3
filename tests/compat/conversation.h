// SPDX-License-Identifier: MIT
// The same conversation with both programs, bytes in, bytes out, as one text to compare: what was answered
// and where the connection ended.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compat/helper.h"

namespace prh::test {

/// One connection and what happened on it so far.
class Conversation {
  public:
    /// Connected; the server's greeting is read and not noted, nothing is sent.
    Conversation(Helper& helper, int device);

    RawClient& client() { return client_; }
    int device() const { return device_; }

    /// From now on a command takes its time.
    void slow_device(std::uint32_t milliseconds) { page_.injection.delay_ms = milliseconds; }

    /// The client's part of the handshake.
    void features(std::uint32_t requested = 0);
    void send(const Bytes& bytes, const std::vector<int>& descriptors = {});
    /// Byte by byte, the descriptors with byte number `with` (from 0).
    void send_bytewise(const Bytes& bytes, std::size_t with, const std::vector<int>& descriptors);
    void shut_down_writing();
    void reply();  ///< notes the next reply, or that there is none
    void end();    ///< notes whether the connection ends
    void note(const std::string& text) { transcript_ += text + "\n"; }

    const std::string& transcript() const { return transcript_; }

  private:
    RawClient client_;
    InjectionPage& page_;
    int device_;
    std::string transcript_;
};

class ConversationTest : public PairTest {
  protected:
    using Script = std::function<void(Conversation&)>;
    /// Compares the transcripts. Both programs must still serve afterwards.
    void compare_conversations(const std::string& situation, const Script& script);
    /// Compares what the conversation makes them write to stderr, under `SITUATION: messages`.
    void compare_messages(const std::string& situation, const Script& script);

  private:
    static std::string converse(Helper& helper, int device, const Script& script);
};

}  // namespace prh::test
