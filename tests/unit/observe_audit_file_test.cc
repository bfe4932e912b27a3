// SPDX-License-Identifier: MIT
// Lines in a file that may be slow, full or renamed.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "observe/audit_file.h"
#include "support/process.h"

namespace prh::test {
namespace {

TEST(AuditFile, KeepsTheOrder) {
    TemporaryDirectory directory;
    auto file = AuditFile::open(directory / "audit", true);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->start());
    std::string expected;
    for (int i = 0; i < 1000; ++i) {
        (*file)->write(std::to_string(i), static_cast<std::uint64_t>(i), false);
        expected += std::to_string(i) + "\n";
    }
    EXPECT_TRUE(eventually([&] { return read_file(directory / "audit") == expected; }));
    EXPECT_TRUE((*file)->finish());
    EXPECT_EQ(read_file(directory / "audit"), expected);
    struct stat status {};
    ASSERT_EQ(::stat((directory / "audit").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0640U);
}

TEST(AuditFile, ThatNobodyTakesFromHoldsNobodyUp) {
    TemporaryDirectory directory;
    const std::string pipe = directory / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    auto file = AuditFile::open(pipe, false);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->start());
    const std::string line(1000, 'x');
    for (std::uint64_t i = 0; i < 5000; ++i) (*file)->write(line, i, false);
    EXPECT_TRUE(eventually([&] { return (*file)->dropped() > 4000; })) << "a pipe holds 64 KiB";
    std::string got(1 << 20, '\0');
    ASSERT_GT(::read(reader, got.data(), got.size()), 0);
    const std::uint64_t dropped = (*file)->dropped();
    EXPECT_TRUE(eventually([&] {
        (*file)->write("next", 1, false);
        const ssize_t count = ::read(reader, got.data(), got.size());
        return count > 0 && got.find("{\"event\":\"dropped\",\"records\":") < static_cast<std::size_t>(count);
    })) << dropped;
    EXPECT_TRUE((*file)->finish());
    ::close(reader);
}

TEST(AuditFile, HasALimitToWhatWaits) {
    TemporaryDirectory directory;
    auto file = AuditFile::open(directory / "audit", false);
    ASSERT_TRUE(file);
    // No thread yet.
    for (std::uint64_t i = 0; i < AuditFile::kQueued + 7; ++i) (*file)->write("a line", i, false);
    EXPECT_EQ((*file)->dropped(), 7U);
    ASSERT_TRUE((*file)->start());
    EXPECT_TRUE((*file)->finish());
    EXPECT_EQ(read_file(directory / "audit").find("{\"event\":\"dropped\",\"records\":7}\n"), 0U);
}

TEST(AuditFile, NobodyTakesThePlacesOfOthers) {
    TemporaryDirectory directory;
    auto file = AuditFile::open(directory / "audit", false);
    ASSERT_TRUE(file);
    for (std::size_t i = 0; i < AuditFile::kQueued; ++i) (*file)->write("noise", 1, false);
    EXPECT_EQ((*file)->dropped(), AuditFile::kQueued - AuditFile::kShare);
    (*file)->write("of another", 2, false);
    EXPECT_EQ((*file)->dropped(), AuditFile::kQueued - AuditFile::kShare);
    ASSERT_TRUE((*file)->start());
    EXPECT_TRUE((*file)->finish());
    const std::string text = read_file(directory / "audit");
    EXPECT_EQ(text.substr(text.size() - 11), "of another\n");
}

TEST(AuditFile, NoiseDoesNotHideWhatMatters) {
    TemporaryDirectory directory;
    auto file = AuditFile::open(directory / "audit", false);
    ASSERT_TRUE(file);
    for (std::uint64_t i = 0; i < 2 * AuditFile::kQueued; ++i) (*file)->write("noise", i % 20, false);
    (*file)->write("a preemption", 1, true);  // nobody hides what it did itself, either
    for (std::size_t i = 0; i < AuditFile::kShare; ++i) (*file)->write("once more", 1, true);
    EXPECT_EQ((*file)->dropped(), AuditFile::kQueued + 1) << "but that has a limit, too";
    ASSERT_TRUE((*file)->start());
    EXPECT_TRUE((*file)->finish());
    EXPECT_NE(read_file(directory / "audit").find("a preemption\n"), std::string::npos);
    // What is written makes room again.
    auto again = AuditFile::open(directory / "again", false);
    ASSERT_TRUE(again);
    ASSERT_TRUE((*again)->start());
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t line = 0; line < AuditFile::kShare; ++line) (*again)->write("a line", 1, false);
        EXPECT_TRUE(eventually([&] {
            return std::filesystem::file_size(directory / "again") == (i + 1) * AuditFile::kShare * 7;
        }));
    }
    EXPECT_EQ((*again)->dropped(), 0U);
}

}  // namespace
}  // namespace prh::test
