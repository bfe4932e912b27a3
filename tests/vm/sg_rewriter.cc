// SPDX-License-Identifier: MIT
// sg_rewriter SOCKET /dev/sgN TRIES: a client that changes a parameter list while it is on its way. The sg
// driver copies the list into the reserve buffer of the open file, which the client has mapped and shares
// with the helper (drivers/scsi/sg.c, sg_mmap()). Sends REGISTER AND IGNORE EXISTING KEY of one key, and
// prints how often the disk took another one.
#include <fcntl.h>
#include <pthread.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "support/descriptor.h"
#include "support/raw_client.h"

int main(int argc, char** argv) {
    using namespace prh::test;
    constexpr std::uint64_t kAsked = 0xAAAAAAAAAAAAAAAA, kOther = 0xBBBBBBBBBBBBBBBB;
    constexpr unsigned kRegisterAndIgnore = 6;
    constexpr std::size_t kActionKey = 8, kFirstKey = 8, kMapped = 4096;
    const int tries = argc == 4 ? std::atoi(argv[3]) : 0;
    if (tries <= 0) {
        std::fputs("usage: sg_rewriter SOCKET /dev/sgN TRIES\n", stderr);
        return 2;
    }
    const Descriptor mapped(argv[2]), plain(argv[2]);
    int size = kMapped;
    void* const buffer = ::ioctl(mapped.get(), SG_SET_RESERVED_SIZE, &size) == 0
                             ? ::mmap(nullptr, kMapped, PROT_READ | PROT_WRITE, MAP_SHARED, mapped.get(), 0)
                             : MAP_FAILED;
    RawClient client;
    client.set_timeout(900);
    if (buffer == MAP_FAILED || !client.open(argv[1])) {
        std::perror(argv[2]);
        return 1;
    }
    auto* const action_key =
        reinterpret_cast<volatile std::uint64_t*>(static_cast<std::uint8_t*>(buffer) + kActionKey);
    std::atomic<bool> stop = false;
    std::thread writer([&] {
        // Woken again and again before everybody else: with one processor, too, while the disk is at work.
        sched_param first{};
        first.sched_priority = 1;
        ::pthread_setschedparam(::pthread_self(), SCHED_FIFO, &first);
        while (!stop) {
            *action_key = kOther;
            std::this_thread::sleep_for(std::chrono::microseconds(20));
        }
    });
    int taken = 0, failed = 0;
    for (int i = 0; i < tries; ++i) {
        const auto sent = client.request(pr_out(kRegisterAndIgnore, 0), mapped.get(), key_list(0, kAsked));
        const auto keys = client.request(pr_in(0, 4096), plain.get());
        if (!sent || sent->status != 0 || !keys || keys->data.size() <= kFirstKey)
            ++failed;
        else if (keys->data[kFirstKey] == (kOther & 0xFF))
            ++taken;
    }
    stop = true;
    writer.join();
    std::printf("%d of %d changed, %d failed\n", taken, tries, failed);
    return 0;
}
