// SPDX-License-Identifier: MIT
// Preloaded into a helper: kills it (SIGKILL, itself) before or after the N-th PERSISTENT RESERVE OUT that it
// sends to a disk. PRH_KILL_AT=N; PRH_KILL_WHEN=before|after. Deterministic, where a kill from outside meets
// whatever moment it meets.
#include <dlfcn.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdarg>
#include <cstdlib>
#include <cstring>

namespace {

constexpr unsigned char kPersistentReserveOut = 0x5F;

using Ioctl = int (*)(int, unsigned long, ...);

const Ioctl real_ioctl = reinterpret_cast<Ioctl>(::dlsym(RTLD_NEXT, "ioctl"));

struct Switch {
    int at = 0;
    bool after = false;
    std::atomic<int> sent{0};

    Switch() {
        if (const char* number = std::getenv("PRH_KILL_AT")) at = std::atoi(number);
        if (const char* when = std::getenv("PRH_KILL_WHEN")) after = std::strcmp(when, "after") == 0;
    }
};

Switch& kill_switch() {
    static Switch the_switch;
    return the_switch;
}

/// A confined helper may not even send itself a signal, but nobody survives this: no handler, no clean-up.
void end() {
    ::kill(::getpid(), SIGKILL);
    __builtin_trap();
}

}  // namespace

extern "C" int ioctl(int descriptor, unsigned long request, ...) {
    std::va_list arguments;
    va_start(arguments, request);
    void* const argument = va_arg(arguments, void*);
    va_end(arguments);
    bool due = false;
    if (request == SG_IO) {
        const auto* const header = static_cast<const sg_io_hdr*>(argument);
        if (header->cmdp != nullptr && header->cmdp[0] == kPersistentReserveOut)
            due = ++kill_switch().sent == kill_switch().at;
    }
    if (due && !kill_switch().after) end();
    const int result = real_ioctl(descriptor, request, argument);
    if (due) end();
    return result;
}
