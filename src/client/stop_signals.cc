// SPDX-License-Identifier: MIT
#include "client/stop_signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include "base/check.h"

namespace prh::ctl {

StopSignals::StopSignals(std::initializer_list<int> more) {
    sigset_t all;
    sigemptyset(&all);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&all, number);
    for (const int number : more) sigaddset(&all, number);
    PRH_CHECK(::pthread_sigmask(SIG_BLOCK, &all, nullptr) == 0);
    descriptor_ = UniqueFd(::signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK));
    PRH_CHECK(descriptor_.valid());
}

int StopSignals::take() const {
    signalfd_siginfo information{};
    const ssize_t got = ::read(descriptor_.get(), &information, sizeof information);
    return got == static_cast<ssize_t>(sizeof information) ? static_cast<int>(information.ssi_signo) : 0;
}

}  // namespace prh::ctl
