// SPDX-License-Identifier: MIT
#include "server/control_client.h"

#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <cerrno>

#include "observe/json_object.h"
#include "os/unix_socket.h"

namespace prh {

short ControlClient::events() const {
    // Readable in every stage: a client that goes away is noticed.
    return static_cast<short>(unsent_.empty() ? POLLIN : POLLIN | POLLOUT);
}

bool ControlClient::go_on(short arrived, const std::function<std::string()>& state) {
    if ((arrived & (POLLIN | POLLHUP | POLLERR)) != 0 && !read(state)) return false;
    for (;;) {
        if (follower_ && unsent_.empty()) {
            unsent_ = follower_->take();
        }
        const bool had_some = !unsent_.empty();
        if (!flush()) return false;
        // Nobody calls again for what came while it did not take what was there.
        if (!follower_ || !unsent_.empty() || !had_some) return true;
    }
}

bool ControlClient::read(const std::function<std::string()>& state) {
    std::array<std::uint8_t, kLongestLine> buffer;
    const Received received = receive(socket_.ref(), buffer, false);
    if (received.error == EAGAIN) return true;
    if (received.error != 0 || received.end_of_file) {
        // Who has asked may close its side for writing and still read the answer.
        return received.error == 0 && stage_ == Stage::Answering && !unsent_.empty();
    }
    if (stage_ != Stage::Asking) return true;  // nothing more is asked
    line_.append(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(received.bytes));
    const std::size_t end = line_.find('\n');
    if (end == std::string::npos && line_.size() < kLongestLine) return true;
    answer(std::string_view(line_).substr(0, end), state);
    since_ = Clock::now();
    return true;
}

void ControlClient::answer(std::string_view line, const std::function<std::string()>& state) {
    stage_ = Stage::Answering;
    if (line == "state") {
        unsent_ = state() + "\n";
    } else if (line == "events" || line == "events reads") {
        stage_ = Stage::Following;
        follower_ = stream_.follow(line != "events");
    } else {
        const std::string shown(line.substr(0, kLongestLine));
        unsent_ =
            JsonObject()
                .add("error", fmt::format("'{}' is not known: ask for state, events or events reads", shown))
                .text() +
            "\n";
    }
}

bool ControlClient::flush() {
    if (!unsent_.empty()) {
        const auto* const bytes = reinterpret_cast<const std::uint8_t*>(unsent_.data());
        const Sent sent = send(socket_.ref(), {bytes, unsent_.size()});
        if (sent.error != 0 && sent.error != EAGAIN) return false;
        if (sent.bytes > 0) since_ = Clock::now();
        unsent_.erase(0, sent.bytes);
    }
    return stage_ != Stage::Answering || !unsent_.empty();
}

}  // namespace prh
