// SPDX-License-Identifier: MIT
#include "os/event_sources.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "base/check.h"

namespace prh {

Result<Timer> Timer::create() {
    UniqueFd fd(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
    if (!fd.valid()) return fail_errno("timerfd_create", errno);
    return Timer(std::move(fd));
}

void Timer::start(std::chrono::milliseconds delay) {
    const auto count = std::max<std::chrono::milliseconds::rep>(1, delay.count());
    itimerspec when{};
    when.it_value.tv_sec = count / 1000;
    when.it_value.tv_nsec = count % 1000 * 1'000'000;
    PRH_CHECK(::timerfd_settime(fd_.get(), 0, &when, nullptr) == 0);
}

void Timer::acknowledge() {
    std::uint64_t expirations;
    [[maybe_unused]] const ssize_t read = ::read(fd_.get(), &expirations, sizeof expirations);
}

Result<Wakeup> Wakeup::create() {
    UniqueFd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!fd.valid()) return fail_errno("eventfd", errno);
    return Wakeup(std::move(fd));
}

void Wakeup::call() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(fd_.get(), &one, sizeof one);  // EAGAIN: it is awake
}

void Wakeup::acknowledge() {
    std::uint64_t calls;
    [[maybe_unused]] const ssize_t read = ::read(fd_.get(), &calls, sizeof calls);
}

Result<Signals> Signals::take_over(std::initializer_list<int> numbers) {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int number : numbers) ::sigaddset(&set, number);
    if (const int code = ::pthread_sigmask(SIG_BLOCK, &set, nullptr); code != 0)
        return fail_errno("pthread_sigmask", code);
    UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd.valid()) return fail_errno("signalfd", errno);
    return Signals(std::move(fd));
}

int Signals::read() {
    signalfd_siginfo info;
    return ::read(fd_.get(), &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
}

}  // namespace prh
