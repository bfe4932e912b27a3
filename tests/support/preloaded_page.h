// SPDX-License-Identifier: MIT
// For libraries that are preloaded into a program under test: what they share with the test.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

namespace prh::test {

/// The file that the environment variable names, mapped; null where there is none. Call it before main: what
/// comes later may have no privilege, no file system and no open(2).
template <class Page>
Page* map_page_of(const char* variable) {
    const char* const path = std::getenv(variable);
    if (path == nullptr) return nullptr;
    const int fd = ::open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return nullptr;
    void* const mapped = ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);
    return mapped == MAP_FAILED ? nullptr : static_cast<Page*>(mapped);
}

}  // namespace prh::test
