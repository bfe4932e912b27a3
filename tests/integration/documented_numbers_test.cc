// SPDX-License-Identifier: MIT
// The numbers in the README's "What it may do" are those of the program: read from the text, and counted
// anew.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <new>
#include <regex>
#include <string>

#include "server/confinement.h"
#include "server/connection.h"
#include "server/peers.h"
#include "support/daemon.h"
#include "support/environment.h"

namespace {
thread_local long requested = 0;  // bytes of the heap, by this thread
}

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    requested += static_cast<long>(size);
    return std::malloc(size);
}
void* operator new(std::size_t size) {
    if (void* const memory = operator new(size, std::nothrow)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace prh::test {
namespace {

std::string section() {
    const std::string text = read_file(std::string(PRH_SOURCE_DIR) + "/README.md");
    const auto begin = text.find("## What it may do");
    return begin == text.npos ? "" : text.substr(begin, text.find("\n## ", begin + 1) - begin);
}

/// The number before `words` in the README's table ("| 12 of these |"), or -1.
long documented(const std::string& row) {
    std::smatch found;
    const std::string text = section();
    if (!std::regex_search(text, found, std::regex("\\| " + row + " \\| ([0-9,]+)"))) return -1;
    std::string number = found[1];
    std::erase(number, ',');
    return std::stol(number);
}

bool is_code(const std::string& line) {
    const auto begin = line.find_first_not_of(' ');
    return begin != line.npos && line.compare(begin, 2, "//") != 0;
}

/// Without blank ones and those of comments alone. With `first`, those of the function whose first line
/// begins so.
long lines_of_code(const std::string& file, const std::string& first = {}) {
    std::ifstream in(std::string(PRH_SOURCE_DIR) + "/src/" + file);
    long count = 0;
    bool inside = first.empty();
    for (std::string line; std::getline(in, line);) {
        inside = inside || line.starts_with(first);
        if (inside && is_code(line)) ++count;
        if (!first.empty() && inside && line == "}") break;
    }
    EXPECT_GT(count, 0) << file << " " << first;
    return count;
}

/// From the heap, for a client process that has come; with its place in the table.
long bytes_for_a_process() {
    Peers peers;
    long least = std::numeric_limits<long>::max();  // of one that does not make the table grow
    std::vector<std::shared_ptr<Peer>> connected;
    connected.reserve(1000);
    for (pid_t pid = 1; pid <= 1000; ++pid) {
        const long before = requested;
        connected.push_back(peers.enter({pid, 1, 1}));
        least = std::min(least, requested - before);
    }
    return least + static_cast<long>(sizeof(void*));
}

TEST(DocumentedNumbers, OfSystemCalls) {
    EXPECT_EQ(documented("system calls while serving"), static_cast<long>(service_call_count()));
}

TEST(DocumentedNumbers, OfCapabilities) {
    const Daemon daemon;
    for (auto& thread : thread_statuses(daemon.pid())) {
        const auto held = std::stoull(thread["CapPrm"], nullptr, 16);
        EXPECT_EQ(documented("capabilities"), __builtin_popcountll(held));
        EXPECT_EQ(std::stoull(thread["CapBnd"], nullptr, 16), 0U);
    }
}

TEST(DocumentedNumbers, OfBytes) {
    constexpr long kListNode = static_cast<long>(2 * sizeof(void*));
    constexpr long kLongestList = kMaximumDataLength, kReply = kReplyHeaderSize + kMaximumDataLength;
    constexpr long kIdle = static_cast<long>(sizeof(Connection)) + kListNode;
    EXPECT_EQ(documented("bytes for an idle connection"), kIdle);
    // A reply is not made before the list is forgotten (Session::next).
    EXPECT_EQ(documented("bytes at most for a connection"), kIdle + std::max(kLongestList, kReply));
}

TEST(DocumentedNumbers, OfBytesForAProcess) {
    EXPECT_EQ(documented("bytes for a client process"), bytes_for_a_process());
}

TEST(DocumentedNumbers, OfLines) {
    // Whole files where they are about such bytes; of the others what takes them or looks into them.
    const long parsing =
        lines_of_code("wire/session.h") + lines_of_code("wire/session.cc") + lines_of_code("scsi/cdb.h") +
        lines_of_code("base/bytes.h") + lines_of_code("server/audit_record.cc") +
        lines_of_code("os/unix_socket.cc", "Received receive(") +
        lines_of_code("server/connection.cc", "Connection::Next Connection::receive_and_serve(") +
        lines_of_code("server/nexus_watch.cc", "RegistrationChange registration_change(");
    EXPECT_EQ(documented("lines that parse a client's bytes"), parsing);
    EXPECT_EQ(documented("more lines for a multipath node"),
              lines_of_code("scsi/pr_out_parameters.cc") + lines_of_code("scsi/transport_id.cc"));
}

}  // namespace
}  // namespace prh::test
