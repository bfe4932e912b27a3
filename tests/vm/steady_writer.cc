// SPDX-License-Identifier: MIT
// steady_writer DEVICE: writes 4 KiB past every cache, again and again, until SIGTERM: what a guest's disk
// sees while something happens to it. Then prints "WRITES written, ERRORS failed (errno: COUNT, ...)"; exit
// code 1 if one failed. SIGUSR1 makes it say how far it is.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

namespace {

constexpr std::size_t kBlock = 4096;
constexpr unsigned kBlocks = 256;
constexpr useconds_t kPause = 1000;  // the test VM's processors are emulated, and others need them too

volatile std::sig_atomic_t ended = 0;
volatile std::sig_atomic_t asked = 0;

}  // namespace

int main(int argc, char** argv) {
    struct sigaction action {};
    action.sa_flags = SA_RESTART;  // the write that is under way counts as well
    action.sa_handler = [](int) { ended = 1; };
    ::sigaction(SIGTERM, &action, nullptr);
    action.sa_handler = [](int) { asked = 1; };
    ::sigaction(SIGUSR1, &action, nullptr);

    const int disk = argc == 2 ? ::open(argv[1], O_WRONLY | O_DIRECT | O_CLOEXEC) : -1;
    void* const block = std::aligned_alloc(kBlock, kBlock);
    if (disk < 0 || block == nullptr) {
        std::perror(argc == 2 ? argv[1] : "usage: steady_writer DEVICE");
        return 2;
    }
    std::memset(block, 0xA5, kBlock);

    unsigned long written = 0, failed = 0;
    std::map<int, unsigned long> errors;
    for (unsigned turn = 0; ended == 0; turn = (turn + 1) % kBlocks) {
        if (::pwrite(disk, block, kBlock, static_cast<off_t>(turn * kBlock)) ==
            static_cast<ssize_t>(kBlock)) {
            ++written;
        } else {
            ++failed;
            ++errors[errno];
        }
        if (asked != 0) {
            asked = 0;
            std::printf("%lu written so far, %lu failed\n", written, failed);
            std::fflush(stdout);
        }
        ::usleep(kPause);
    }
    std::printf("%lu written, %lu failed", written, failed);
    for (const auto& [number, count] : errors) std::printf(" (%s: %lu)", std::strerror(number), count);
    std::puts("");
    return failed == 0 && written > 0 ? 0 : 1;
}
