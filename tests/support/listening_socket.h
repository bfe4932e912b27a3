// SPDX-License-Identifier: MIT
// A unix socket as systemd makes it for a service that is activated by it.
#pragma once

#include <sys/socket.h>

#include <string>

#include "support/descriptor.h"
#include "support/process.h"

namespace prh::test {

/// A unix socket bound to `path`; it does not listen yet.
Descriptor bound_socket(const std::string& path, int type = SOCK_STREAM);
/// It listens. Inheritable it is not: ProcessOptions::descriptors passes it on.
Descriptor listening_socket(const std::string& path, int backlog = 128);

/// For a program to which `descriptor` is passed as number 3 (sd_listen_fds(3)).
ProcessOptions activated_by(const Descriptor& descriptor);

}  // namespace prh::test
