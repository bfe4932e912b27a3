// SPDX-License-Identifier: MIT
// Preloaded into a program (LD_PRELOAD): an intruder who has got hold of a thread. It does nothing until the
// program, confined and serving, asks what a client's descriptor is (statx(2)); then it makes the system
// calls that the test has put into the shared page.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "support/preloaded_page.h"
#include "support/system_call_page.h"

namespace {

using prh::test::SystemCallPage;

SystemCallPage* page = nullptr;

__attribute__((constructor)) void map_page() {
    page = prh::test::map_page_of<SystemCallPage>(prh::test::kSystemCallVariable);
    if (page != nullptr) page->address = reinterpret_cast<std::uint64_t>(page);
}

void call() {
    page->thread = static_cast<int>(::syscall(SYS_gettid));
    long* const with = page->arguments;
    for (std::size_t i = 0; i < page->count; ++i, ++with[page->swept]) {
        errno = 0;
        const long result = ::syscall(page->number, with[0], with[1], with[2], with[3], with[4], with[5]);
        page->errors[i] = result >= 0 ? 0 : errno;
    }
    page->done = 1;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int statx(int directory, const char* path, int flags,
                                                            unsigned mask, struct statx* status) noexcept {
    if (page != nullptr && page->wanted.exchange(0) != 0) call();
    return static_cast<int>(::syscall(SYS_statx, directory, path, flags, mask, status));
}
