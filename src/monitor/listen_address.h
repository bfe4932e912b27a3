// SPDX-License-Identifier: MIT
// Where `serve` listens: an address and a port, as the command line has them. Pure but for inet_pton(3).
#pragma once

#include <string>
#include <string_view>

#include "client/failure.h"

namespace prh::ctl {

struct ListenAddress {
    std::string host;  ///< numeric, without brackets
    int port = 0;      ///< 0: one that is free
    bool loopback = false;

    std::string url(int chosen_port) const;
};

/// "127.0.0.1:9798", "[::1]:9798", "localhost:0".
Expected<ListenAddress> parse_listen_address(std::string_view text);

/// Whether a request's Host header names this machine's loopback: what a page of elsewhere, whose name was
/// bound to 127.0.0.1 (DNS rebinding), cannot send.
bool names_loopback(std::string_view host_header);

}  // namespace prh::ctl
