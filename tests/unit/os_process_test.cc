// SPDX-License-Identifier: MIT
// What a process begins with: its standard descriptors, and how many it may open.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/daemonize.h"
#include "os/resource_limits.h"
#include "support/child_process.h"
#include "support/process.h"

namespace prh::test {
namespace {

bool is_null(int fd) {
    struct stat ours {
    }, null{};
    return ::fstat(fd, &ours) == 0 && ::stat("/dev/null", &null) == 0 && ours.st_rdev == null.st_rdev;
}

TEST(StandardDescriptors, ThatAreClosedLeadToNull) {
    for (unsigned closed = 0; closed < 8; ++closed) {
        EXPECT_EQ(in_child([closed] {
                      const Descriptor file("/proc/self/status", O_RDONLY);
                      for (int fd = 0; fd <= 2; ++fd)
                          if ((closed >> fd & 1) != 0)
                              ::close(fd);
                          else
                              ::dup2(file.get(), fd);
                      const std::size_t before = open_descriptors(::getpid());
                      const bool has_stderr = fill_standard_descriptors();
                      if (has_stderr == ((closed >> 2 & 1) != 0)) return std::string("stderr is not told of");
                      for (int fd = 0; fd <= 2; ++fd)
                          if (is_null(fd) != ((closed >> fd & 1) != 0)) return std::string("wrong");
                      const auto filled = static_cast<std::size_t>(__builtin_popcount(closed));
                      return std::string(open_descriptors(::getpid()) == before + filled ? "filled"
                                                                                         : "one too many");
                  }),
                  "filled")
            << closed;
    }
}

TEST(DescriptorLimit, IsRaisedAsFarAsAllowedAndNeverLowered) {
    EXPECT_EQ(in_child([] {
                  rlimit limit{100, 300};
                  ::setrlimit(RLIMIT_NOFILE, &limit);
                  std::string text;
                  for (const std::size_t wanted : {50U, 200U, 150U, 1000U}) {
                      const std::size_t given = raise_descriptor_limit(wanted);
                      ::getrlimit(RLIMIT_NOFILE, &limit);
                      text += std::to_string(given) + (given == limit.rlim_cur ? " " : "! ");
                  }
                  return text;
              }),
              "100 200 200 300 ");
}

}  // namespace
}  // namespace prh::test
