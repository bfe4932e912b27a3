// SPDX-License-Identifier: MIT
// The numbers in the README's "What it may do" are those of the program: read from the text, and counted
// anew.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <regex>
#include <string>

#include "server/confinement.h"
#include "server/connection.h"
#include "support/daemon.h"
#include "support/environment.h"

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

/// Without blank ones and those of comments alone.
long lines_of_code(const std::string& file) {
    std::ifstream in(std::string(PRH_SOURCE_DIR) + "/src/" + file);
    long count = 0;
    for (std::string line; std::getline(in, line);) {
        const auto begin = line.find_first_not_of(' ');
        if (begin != line.npos && line.compare(begin, 2, "//") != 0) ++count;
    }
    EXPECT_GT(count, 0) << file;
    return count;
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

TEST(DocumentedNumbers, OfLines) {
    EXPECT_EQ(documented("lines that parse a client's bytes"),
              lines_of_code("wire/session.h") + lines_of_code("wire/session.cc"));
    EXPECT_EQ(documented("more lines for a multipath node"),
              lines_of_code("scsi/pr_out_parameters.cc") + lines_of_code("scsi/transport_id.cc"));
}

}  // namespace
}  // namespace prh::test
