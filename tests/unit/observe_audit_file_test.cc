// SPDX-License-Identifier: MIT
// Lines in a file that may be slow, full or renamed.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

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
        (*file)->write(std::to_string(i));
        expected += std::to_string(i) + "\n";
    }
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
    for (int i = 0; i < 5000; ++i) (*file)->write(line);
    EXPECT_TRUE(eventually([&] { return (*file)->dropped() > 4000; })) << "a pipe holds 64 KiB";
    std::string got(1 << 20, '\0');
    ASSERT_GT(::read(reader, got.data(), got.size()), 0);
    const std::uint64_t dropped = (*file)->dropped();
    EXPECT_TRUE(eventually([&] {
        (*file)->write("next");
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
    for (std::size_t i = 0; i < AuditFile::kQueued + 7; ++i) (*file)->write("a line");  // no thread yet
    EXPECT_EQ((*file)->dropped(), 7U);
    ASSERT_TRUE((*file)->start());
    EXPECT_TRUE((*file)->finish());
    EXPECT_EQ(read_file(directory / "audit").find("{\"event\":\"dropped\",\"records\":7}\n"), 0U);
}

}  // namespace
}  // namespace prh::test
