// SPDX-License-Identifier: MIT
// Restarts under load, as systemd does them: it keeps the listening socket, an instance ends, the next one is
// started. Clients go on as QEMU's pr-manager-helper does: one request at a time, and on a broken connection
// a new one and the same request again, a few times.
//
// Each client is an initiator of its own (a hard link), and each command moves its key one further: REGISTER
// with the present key and the next one. Executed a second time it is answered RESERVATION CONFLICT; lost
// although it was acknowledged, the next one is. At the end the key is the number of commands.
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include "support/daemon.h"
#include "support/environment.h"
#include "support/listening_socket.h"

namespace prh::test {
namespace {

constexpr std::size_t kClients = 20;
const int kRestarts = kSanitized ? 15 : 50;  // an end takes ThreadSanitizer a second
constexpr int kAttempts = 5;                 // QEMU's patience with one request
constexpr unsigned kAptpl = 0x01;

/// PRGENERATION and the keys of READ KEYS.
struct Keys {
    std::uint32_t generation = 0;
    std::vector<std::uint64_t> keys;

    static Keys of(const Bytes& data) {
        Keys read;
        for (std::size_t i = 0; i < 4; ++i) read.generation = read.generation << 8 | data.at(i);
        for (std::size_t at = 8; at + 8 <= data.size(); at += 8) {
            std::uint64_t key = 0;
            for (std::size_t i = 0; i < 8; ++i) key = key << 8 | data[at + i];
            read.keys.push_back(key);
        }
        return read;
    }
};

/// The process that wrote what is to be read next (SCM_CREDENTIALS, unix(7)): the listening socket is the
/// test's own, and does not tell one instance from the other.
pid_t writer_of_reply(const RawClient& client) {
    pollfd ready{client.fd(), POLLIN, 0};
    if (::poll(&ready, 1, 20'000) != 1) return 0;
    char byte;
    iovec part{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred))];
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    if (::recvmsg(client.fd(), &message, MSG_PEEK) != 1 || CMSG_FIRSTHDR(&message) == nullptr) return 0;
    ucred writer{};
    std::memcpy(&writer, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof writer);
    return writer.pid;
}

enum class Ending { Orderly, Killed };

class Client {
  public:
    Client(std::string socket, const std::string& disk, std::uint64_t number, Ending ending)
        : socket_(std::move(socket)), disk_(disk), number_(number), ending_(ending) {}

    void work(const std::atomic<bool>& enough) {
        while (!enough && !::testing::Test::HasFailure()) change_key();
    }

    std::uint64_t key() const { return key(executed_); }
    std::uint64_t executed() const { return executed_; }
    std::size_t acknowledged_by(pid_t instance) const {
        const auto found = acknowledged_.find(instance);
        return found == acknowledged_.end() ? 0 : found->second;
    }
    std::size_t refused = 0;           ///< writing it failed: not executed
    std::size_t unknown = 0;           ///< written, and the connection broke
    std::size_t unknown_executed = 0;  ///< of these the ones that READ KEYS showed to be executed

  private:
    std::uint64_t key(std::uint64_t count) const { return count == 0 ? 0 : number_ << 32 | count; }

    bool connected() {
        if (client_.fd() >= 0) return true;
        EXPECT_TRUE(client_.connect(socket_)) << "the socket is not systemd's any more";
        const int on = 1;
        EXPECT_EQ(::setsockopt(client_.fd(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on), 0);
        if (client_.handshake()) return true;
        client_.close();
        return false;
    }

    void change_key() {
        for (int attempt = 0; attempt < kAttempts; ++attempt) {
            if (!connected()) continue;
            if (!client_.send_request(pr_out(0, 0), disk_.get(),
                                      key_list(key(executed_), key(executed_ + 1), kAptpl))) {
                EXPECT_TRUE(errno == EPIPE || ending_ == Ending::Killed) << std::strerror(errno);
                client_.close();
                ++refused;
                continue;  // had it been executed, it would now meet RESERVATION CONFLICT
            }
            const pid_t instance = writer_of_reply(client_);
            const auto reply = client_.read_reply();
            if (!reply) return settle();
            EXPECT_EQ(reply->brief(), "00") << "client " << number_ << ", command " << executed_;
            ++acknowledged_[instance];
            ++executed_;
            return;
        }
        ADD_FAILURE() << "client " << number_ << " gave up";
    }

    /// It was taken whole and not answered. An orderly end promises that this does not happen; otherwise the
    /// client knows that it does not know, and looks: the key is the old or the new one.
    void settle() {
        EXPECT_EQ(ending_, Ending::Killed) << "what was taken whole is answered";
        client_.close();
        ++unknown;
        for (int attempt = 0; attempt < kAttempts; ++attempt) {
            if (!connected()) continue;
            const auto reply = client_.request(pr_in(0, 8192), disk_.get());
            if (!reply) {
                client_.close();
                continue;
            }
            std::vector<std::uint64_t> mine;
            for (const std::uint64_t one : Keys::of(reply->data).keys)
                if (one >> 32 == number_) mine.push_back(one);
            const std::uint64_t found = mine.empty() ? 0 : mine[0];
            EXPECT_LE(mine.size(), 1U);
            EXPECT_TRUE(found == key(executed_) || found == key(executed_ + 1))
                << std::hex << found << " is neither old nor new";
            if (found != key(executed_ + 1)) return;
            ++executed_;
            ++unknown_executed;
            return;
        }
        ADD_FAILURE() << "client " << number_ << " gave up looking";
    }

    const std::string socket_;
    const Descriptor disk_;
    const std::uint64_t number_;
    const Ending ending_;
    RawClient client_;
    std::atomic<std::uint64_t> executed_ = 0;
    std::map<pid_t, std::size_t> acknowledged_;
};

class Restart : public ::testing::Test {
  protected:
    void add_clients(Ending ending) {
        write_file(directory_ / "disk", "");
        for (std::uint64_t number = 1; number <= kClients; ++number) {
            const std::string link = directory_ / ("host-" + std::to_string(number));
            ASSERT_EQ(::link((directory_ / "disk").c_str(), link.c_str()), 0);
            clients_.push_back(std::make_unique<Client>(socket_, link, number, ending));
        }
    }

    void start() {
        instance_ = std::make_unique<Process>(
            std::vector<std::string>{built("prhelper-emulator"), "--state-dir=" + state_},
            activated_by(listener_));
    }

    /// Each client has had two more commands executed, most of them by the present instance.
    void let_them_work() {
        std::vector<std::uint64_t> goals;
        for (const auto& client : clients_) goals.push_back(client->executed() + 2);
        EXPECT_TRUE(eventually([&] {
            for (std::size_t i = 0; i < clients_.size(); ++i)
                if (clients_[i]->executed() < goals[i]) return HasFailure();
            return true;
        })) << "somebody is not served: "
            << instance_->err();
    }

    void restart_under_load(int signal, int exit_code) {
        start();
        std::vector<std::thread> threads;
        for (const auto& client : clients_) threads.emplace_back([this, &client] { client->work(enough_); });
        for (int i = 0; i < kRestarts && !HasFailure(); ++i) {
            let_them_work();
            std::this_thread::sleep_for(std::chrono::microseconds(137 * i % 2000));  // anywhere in a request
            instance_->signal(signal);
            EXPECT_EQ(instance_->wait(), exit_code);
            EXPECT_EQ(instance_->err(), "") << "nobody broke a rule";
            start();
        }
        let_them_work();
        enough_ = true;
        for (std::thread& thread : threads) thread.join();
    }

    /// What the logical unit says is what the clients were told.
    void expect_that_the_count_is_right() {
        RawClient observer;
        ASSERT_TRUE(observer.open(socket_));
        const auto reply = observer.request(pr_in(0, 8192), Descriptor(directory_ / "disk").get());
        ASSERT_TRUE(reply);
        const Keys read = Keys::of(reply->data);
        std::multiset<std::uint64_t> expected;
        std::size_t by_the_last = 0;
        for (const auto& client : clients_) {
            expected.insert(client->key());
            by_the_last += client->acknowledged_by(instance_->pid());
        }
        EXPECT_EQ(std::multiset<std::uint64_t>(read.keys.begin(), read.keys.end()), expected);
        // PRGENERATION counts since the start of the last instance, which took over in the middle of it all.
        EXPECT_EQ(read.generation, by_the_last);
        EXPECT_GT(by_the_last, 0U);
        instance_->signal(SIGTERM);
        EXPECT_EQ(instance_->wait(), 0);
    }

    std::size_t sum(std::size_t Client::*count) const {
        std::size_t all = 0;
        for (const auto& client : clients_) all += (*client).*count;
        return all;
    }

    void report() {
        std::uint64_t executed = 0;
        for (const auto& client : clients_) executed += client->executed();
        std::cout << executed << " commands executed, " << sum(&Client::refused) << " refused and repeated, "
                  << sum(&Client::unknown) << " unanswered, of which " << sum(&Client::unknown_executed)
                  << " were executed\n";
    }

    TemporaryDirectory directory_;
    TemporaryDirectory state_directory_;
    const std::string state_ = state_directory_.path();
    const std::string socket_ = directory_ / "socket";
    const Descriptor listener_ = listening_socket(socket_);
    std::unique_ptr<Process> instance_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::atomic<bool> enough_ = false;
};

// The promise of Server::begin_drain: what has been taken whole is executed and answered; what is written
// afterwards fails with EPIPE, and is not executed.
TEST_F(Restart, OrderlyLosesNoCommandAndExecutesNoneTwice) {
    add_clients(Ending::Orderly);
    restart_under_load(SIGTERM, 0);
    expect_that_the_count_is_right();
    report();
    EXPECT_EQ(sum(&Client::unknown), 0U);
    EXPECT_GE(sum(&Client::refused), static_cast<std::size_t>(kRestarts))
        << "the test does not test what it says";
}

TEST_F(Restart, KilledExecutesAtMostOnceAndItsClientsKnow) {
    add_clients(Ending::Killed);
    restart_under_load(SIGKILL, 128 + SIGKILL);
    expect_that_the_count_is_right();
    report();
    EXPECT_GE(sum(&Client::unknown), static_cast<std::size_t>(kRestarts))
        << "the test does not test what it says";
}

}  // namespace
}  // namespace prh::test
