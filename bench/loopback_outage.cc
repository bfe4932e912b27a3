// SPDX-License-Identifier: MIT
#include "loopback_outage.h"

#include <fmt/format.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/unique_fd.h"

namespace prh::bench {

void LoopbackOutage::set_up(bool up) {
    const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    bool done = ::ioctl(socket.get(), SIOCGIFFLAGS, &request) == 0;
    if (up)
        request.ifr_flags |= IFF_UP;
    else
        request.ifr_flags = static_cast<short>(request.ifr_flags & ~IFF_UP);
    done = done && ::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0;
    if (!done) throw std::system_error(errno, std::generic_category(), "the loopback interface");
}

LoopbackOutage::~LoopbackOutage() {
    try {
        set_up(true);
    } catch (const std::system_error& error) {
        fmt::print(stderr, "{}\n", error.what());
    }
}

}  // namespace prh::bench
