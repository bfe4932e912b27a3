// SPDX-License-Identifier: MIT
#include "connection_sweep.h"

#include "report.h"

namespace prh::bench {

SweepStudy connections_study(const std::string& method) {
    return {.title = "Throughput against open connections, one busy at a time",
            .varied_id = "connections",
            .varied = "open connections",
            .measured = "requests per second",
            .given_up = "",
            .varied_logarithmic = true,
            .measured_logarithmic = false,
            .curves = {{Contender::Existing, "existing", "existing qemu-pr-helper"},
                       {Contender::Ours, "ours", "this qemu-pr-helper"},
                       {Contender::Floor, "floor", "floor: recvmsg, SG_IO, close, send"}},
            .ours = static_cast<std::size_t>(Contender::Ours),
            .existing = static_cast<std::size_t>(Contender::Existing),
            .method = method,
            .machine = machine_description()};
}

std::vector<std::size_t> connection_numbers(bool quick) {
    if (quick) return {1, 20, 100};
    return {1, 10, 50, 100, 200, 500, 1000, 2000, 4000};
}

}  // namespace prh::bench
