// SPDX-License-Identifier: MIT
#include "multipath_io/fake_multipathd.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace prh::test {
namespace {

constexpr char kHelp[] =
    "multipath-tools v0.9.4 (05/03, 2022)\n"
    "CLI commands reference:\n"
    " list|show daemon\n list|show maps|multipaths\n ...\n";

Descriptor listen_at(const std::string& address) {
    Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    address.copy(name.sun_path, sizeof name.sun_path - 1);
    const bool is_abstract = address[0] == '@';
    if (is_abstract)
        name.sun_path[0] = '\0';
    else
        ::unlink(address.c_str());
    const auto length =
        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size() + (is_abstract ? 0 : 1));
    if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&name), length) != 0 ||
        ::listen(listener.get(), 16) != 0)
        return Descriptor();
    return listener;
}

bool read_exactly(int connection, void* bytes, std::size_t count) {
    return ::recv(connection, bytes, count, MSG_WAITALL) == static_cast<ssize_t>(count);
}

/// False: the other end is gone.
bool send_bytes(int connection, const std::string& bytes) {
    return ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0;
}

std::string length_of(std::uint64_t value) {
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
}

}  // namespace

FakeMultipathd::FakeMultipathd(const std::string& address, Replies replies, Manner manner)
    : listener_(listen_at(address)), path_(address), replies_(std::move(replies)), manner_(manner) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return;
    ending_reader_ = ends[0];
    ending_ = Descriptor(ends[1]);
    thread_ = std::thread([this] { serve(); });
}

FakeMultipathd::~FakeMultipathd() {
    ending_.close();
    if (thread_.joinable()) thread_.join();
    ::close(ending_reader_);
    if (path_[0] == '/') ::unlink(path_.c_str());
}

std::vector<std::string> FakeMultipathd::commands() const {
    const std::lock_guard lock(mutex_);
    return commands_;
}

void FakeMultipathd::serve() {
    std::vector<Descriptor> clients;
    while (true) {
        std::vector<pollfd> entries{{ending_reader_, POLLIN, 0}, {listener_.get(), POLLIN, 0}};
        for (const Descriptor& client : clients) entries.push_back({client.get(), POLLIN, 0});
        if (::poll(entries.data(), entries.size(), -1) < 0) continue;
        if (entries[0].revents != 0) return;
        std::vector<Descriptor> stay;
        for (std::size_t i = 0; i < clients.size(); ++i)
            if (entries[i + 2].revents == 0 || converse(clients[i].get()))
                stay.push_back(std::move(clients[i]));
        if (entries[1].revents != 0) {
            stay.emplace_back(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            ++connections_;
        }
        clients = std::move(stay);
    }
}

/// One command; false: the connection ends.
bool FakeMultipathd::converse(int connection) {
    std::uint64_t length = 0;
    if (!read_exactly(connection, &length, sizeof length) || length == 0 || length > 512) return false;
    std::string command(length, '\0');
    if (!read_exactly(connection, command.data(), length) || command.back() != '\0') return false;
    command.pop_back();
    {
        const std::lock_guard lock(mutex_);
        commands_.push_back(command);
    }
    const std::string reply = replies_(command) + '\0';
    switch (manner_) {
        case Manner::Answer: send_bytes(connection, length_of(reply.size()) + reply); return true;
        case Manner::Hang: return true;
        case Manner::CloseAtOnce: return false;
        case Manner::DieInReply:
            send_bytes(connection, length_of(reply.size()) + reply.substr(0, 1));
            return false;
        case Manner::GiantLength: send_bytes(connection, length_of(std::uint64_t{1} << 40)); return true;
        case Manner::ZeroLength: send_bytes(connection, length_of(0)); return true;
        case Manner::SlowBytes:
            for (const char byte : length_of(reply.size()) + reply) {
                if (!send_bytes(connection, std::string(1, byte))) return false;
                std::this_thread::sleep_for(std::chrono::milliseconds(2));
            }
            return true;
    }
    return false;
}

FakeMultipathd::Replies FakeMultipathd::version(int minor) {
    return [minor, key = std::string("none\n")](const std::string& command) mutable -> std::string {
        const std::string verb = command.substr(0, command.find(' '));
        const auto help = [&] {
            return minor >= 10 ? std::string("fail\n") + kHelp : verb + ": not found\n" + kHelp;
        };
        if (verb == "getprkey") return key;
        if (verb == "setprkey") {
            key = "0x" + command.substr(command.rfind(' ') + 1) + "\n";
            return "ok\n";
        }
        if (verb == "unsetprkey") {
            key = "none\n";
            return "ok\n";
        }
        if (verb == "getprstatus") return minor >= 10 ? "set\n" : "1";
        if (command.find("pathlist") != std::string::npos) return minor >= 14 ? "ok\n" : help();
        if (verb == "setprstatus" || verb == "unsetprstatus") return "ok\n";
        if (verb == "getprhold") return minor >= 13 ? "unset\n" : minor >= 9 ? "fail\n" : help();
        if (verb == "setprhold" || verb == "unsetprhold")
            return minor >= 13 ? "ok\n" : minor >= 9 ? "fail\n" : help();
        return help();
    };
}

}  // namespace prh::test
