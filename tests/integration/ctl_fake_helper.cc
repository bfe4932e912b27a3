// SPDX-License-Identifier: MIT
#include "integration/ctl_fake_helper.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

#include "support/environment.h"
#include "support/process.h"

namespace prh::test {
namespace {

void append_be32(Bytes& bytes, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(value >> shift));
}

/// Counts the descriptors of a message, notes how the last one is open, and closes them.
void take_descriptors(msghdr& message, FakeRequest& request) {
    for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            ++request.descriptors;
            request.access_mode = ::fcntl(fd, F_GETFL) & O_ACCMODE;
            ::close(fd);
        }
    }
}

}  // namespace

std::optional<std::uint32_t> FakeConversation::greet(std::uint32_t features) {
    Bytes greeting;
    append_be32(greeting, features);
    send(greeting);
    const std::optional<Bytes> answer = read(4);
    if (!answer) return std::nullopt;
    return static_cast<std::uint32_t>((*answer)[0]) << 24 | static_cast<std::uint32_t>((*answer)[1]) << 16 |
           static_cast<std::uint32_t>((*answer)[2]) << 8 | (*answer)[3];
}

std::optional<FakeRequest> FakeConversation::read_request() {
    FakeRequest request;
    const std::optional<Bytes> cdb = read(16, &request);
    if (!cdb) return std::nullopt;
    request.cdb = *cdb;
    if (request.cdb[0] != 0x5F) return request;
    const std::optional<Bytes> list = read(static_cast<std::size_t>(request.cdb[7] << 8 | request.cdb[8]));
    if (!list) return std::nullopt;
    request.parameter_list = *list;
    return request;
}

bool FakeConversation::send(const Bytes& bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t sent = ::send(fd_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        done += static_cast<std::size_t>(sent);
    }
    return true;
}

void FakeConversation::reply(std::uint32_t status, const Bytes& data, const Bytes& sense) {
    Bytes bytes;
    append_be32(bytes, status);
    append_be32(bytes, static_cast<std::uint32_t>(data.size()));
    bytes.insert(bytes.end(), sense.begin(), sense.end());
    bytes.resize(104);
    bytes.insert(bytes.end(), data.begin(), data.end());
    send(bytes);
}

void FakeConversation::wait_for_end() {
    std::uint8_t ignored[256];
    while (::recv(fd_, ignored, sizeof ignored, 0) > 0) {
    }
}

std::optional<Bytes> FakeConversation::read(std::size_t count, FakeRequest* request) {
    Bytes bytes(count);
    for (std::size_t done = 0; done < count;) {
        iovec part{bytes.data() + done, count - done};
        alignas(cmsghdr) std::uint8_t control[CMSG_SPACE(4 * sizeof(int))];
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        const ssize_t got = ::recvmsg(fd_, &message, MSG_CMSG_CLOEXEC);
        if (got <= 0) return std::nullopt;
        FakeRequest unwanted;
        take_descriptors(message, request == nullptr ? unwanted : *request);
        done += static_cast<std::size_t>(got);
    }
    return bytes;
}

FakeHelper::FakeHelper(const std::string& path, Script script) : script_(std::move(script)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), std::min(path.size(), sizeof address.sun_path - 1));
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 8) != 0)
        throw std::runtime_error("cannot listen on " + path);
    thread_ = std::thread([this] { serve(); });
}

FakeHelper::~FakeHelper() {
    ::shutdown(listener_, SHUT_RDWR);  // accept(2) fails with EINVAL
    thread_.join();
    ::close(listener_);
}

void FakeHelper::serve() {
    for (int fd; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0; ::close(fd)) {
        FakeConversation conversation(fd);
        script_(conversation);
    }
}

FakeHelper::Script Answering::script() {
    return [this](FakeConversation& conversation) {
        if (!conversation.greet()) return;
        while (const std::optional<FakeRequest> request = conversation.read_request()) {
            {
                const std::lock_guard lock(mutex_);
                requests_.push_back(*request);
            }
            conversation.reply(status_, data_, sense_);
        }
    };
}

std::vector<FakeRequest> Answering::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

CtlRun run_ctl(const std::vector<std::string>& arguments, const std::string& standard_input) {
    std::vector<std::string> words{built("prhelperctl")};
    words.insert(words.end(), arguments.begin(), arguments.end());
    int input[2];
    if (::pipe2(input, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    if (::write(input[1], standard_input.data(), standard_input.size()) < 0)
        throw std::runtime_error("write");
    ::close(input[1]);
    ProcessOptions options;
    options.descriptors = {{input[0], STDIN_FILENO}};
    Process process(words, options);
    ::close(input[0]);
    CtlRun run;
    run.exit_code = process.wait(60).value_or(-1);
    run.out = process.out();
    run.err = process.err();
    return run;
}

}  // namespace prh::test
