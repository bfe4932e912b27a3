// SPDX-License-Identifier: MIT
// Preloaded into a helper (LD_PRELOAD): answers SG_IO in the kernel's place with what the test has put into
// a shared page, so that every result a device, a driver or a host adapter can have is seen. Every other
// ioctl goes to the kernel. Only memory is touched at run time, but for sleeping in a device that hangs: a
// helper may run under seccomp.
#include <fcntl.h>
#include <scsi/sg.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "support/preloaded_page.h"
#include "support/sg_io_injection.h"

namespace {

using prh::test::Injection;
using prh::test::InjectionFile;
using prh::test::InjectionPage;
using prh::test::SeenSgIo;

InjectionFile* file = nullptr;

__attribute__((constructor)) void map_file() {
    file = prh::test::map_page_of<InjectionFile>(prh::test::kInjectionVariable);
}

long milliseconds_now() {
    timespec now;
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

/// Without sleeping: a helper under seccomp may not be allowed to. The clock is read without a system call.
void wait(std::uint32_t milliseconds) {
    const long end = milliseconds_now() + static_cast<long>(milliseconds);
    while (milliseconds_now() < end) {
    }
}

void hang_while_told_to() {
    if (file->hanging == 0) return;
    ++file->hung;
    while (file->hanging != 0) {
        const timespec a_millisecond{0, 1'000'000};
        ::nanosleep(&a_millisecond, nullptr);
    }
    --file->hung;
}

/// Of the frames that the caller will call next.
__attribute__((noinline)) void poison_the_stack_below() {
    unsigned char below[48 * 1024];
    std::memset(below, file->poison, sizeof below);
    asm volatile("" ::"r"(below) : "memory");  // or it is optimised away
}

InjectionPage& page_of(const sg_io_hdr& request) {
    constexpr unsigned kControl = 9;
    const bool told_apart = file->pages_used > 1 && request.cmd_len > kControl;
    return file->pages[told_apart ? request.cmdp[kControl] % file->pages_used : 0];
}

std::size_t smaller(std::size_t a, std::size_t b) { return a < b ? a : b; }

void record(const sg_io_hdr& request, SeenSgIo& seen) {
    ++seen.calls;
    seen.direction = request.dxfer_direction;
    seen.data_length = request.dxfer_len;
    seen.timeout = request.timeout;
    seen.command_length = request.cmd_len;
    seen.sense_capacity = request.mx_sb_len;
    std::memset(seen.cdb, 0, sizeof seen.cdb);
    std::memcpy(seen.cdb, request.cmdp, smaller(request.cmd_len, 10));
    std::memset(seen.data_out, 0, sizeof seen.data_out);
    if (request.dxfer_direction == SG_DXFER_TO_DEV)
        std::memcpy(seen.data_out, request.dxferp, smaller(request.dxfer_len, sizeof seen.data_out));
}

void answer(const Injection& injection, sg_io_hdr& request) {
    std::size_t transferred = request.dxfer_len;
    if (request.dxfer_direction == SG_DXFER_FROM_DEV) {
        transferred = smaller(static_cast<std::size_t>(injection.data_length), request.dxfer_len);
        auto* const data = static_cast<unsigned char*>(request.dxferp);
        for (std::size_t i = 0; i < transferred && !injection.data_withheld; ++i)
            data[i] = static_cast<unsigned char>(injection.data_seed + i % injection.data_period);
    }
    request.resid =
        injection.residual_given ? injection.residual : static_cast<int>(request.dxfer_len - transferred);
    request.status = injection.status;
    request.masked_status = static_cast<unsigned char>((injection.status >> 1) & 0x1F);
    request.host_status = injection.host_status;
    request.driver_status = injection.driver_status;
    request.sb_len_wr = injection.sense_length;
    const std::size_t sense =
        smaller(injection.sense_length, smaller(request.mx_sb_len, sizeof injection.sense));
    if (!injection.sense_withheld) std::memcpy(request.sbp, injection.sense, sense);
    request.info = injection.status != 0 || injection.host_status != 0 || injection.driver_status != 0
                       ? SG_INFO_CHECK
                       : SG_INFO_OK;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int ioctl(int fd, unsigned long request, ...) noexcept {
    va_list arguments;
    va_start(arguments, request);
    void* const argument = va_arg(arguments, void*);
    va_end(arguments);
    if (request != SG_IO || file == nullptr)
        return static_cast<int>(::syscall(SYS_ioctl, fd, request, argument));
    auto& header = *static_cast<sg_io_hdr*>(argument);
    InjectionPage& page = page_of(header);
    const Injection& injection = page.injection;
    record(header, page.seen);
    hang_while_told_to();
    if (injection.delay_ms > 0) wait(injection.delay_ms);
    if (injection.error != 0 || injection.returned != 0) {
        errno = injection.error;
        return injection.returned != 0 ? injection.returned : -1;
    }
    answer(injection, header);
    return 0;
}

extern "C" __attribute__((visibility("default"))) ssize_t recvmsg(int fd, msghdr* message, int flags) {
    if (file != nullptr && file->poison != 0) poison_the_stack_below();
    return ::syscall(SYS_recvmsg, fd, message, flags);
}
