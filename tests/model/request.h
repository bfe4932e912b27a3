// SPDX-License-Identifier: MIT
// One command of one of eight I_T nexuses (four initiators, two target ports), as random tests make them up:
// mostly sensible, so that states get interesting, and wrong in every field now and then.
#pragma once

#include <rapidcheck/Gen.h>

#include <cstdint>
#include <iosfwd>
#include <vector>

#include "emul/nexus.h"
#include "scsi/cdb.h"

namespace prh::model {

constexpr int kInitiators = 4;
constexpr int kPorts = 2;  ///< relative target ports 1 and 2
constexpr int kNexuses = kInitiators * kPorts;

/// Nexus `number` is initiator number / kPorts through port number % kPorts + 1.
Nexus nexus(int number);
TransportId initiator(int number);

struct Request {
    int sender = 0;
    bool in = false;
    int action = 0;
    // PERSISTENT RESERVE IN
    std::uint16_t allocation_length = 8192;
    // PERSISTENT RESERVE OUT
    std::uint64_t key = 0;
    std::uint64_t service_action_key = 0;
    int scope = 0;
    int type = 0;
    bool all_tg_pt = false;
    bool aptpl = false;
    bool spec_i_pt = false;
    std::vector<int> initiators = {};  ///< with spec_i_pt
    bool unreg = false;
    int destination = 0;       ///< initiator
    int destination_port = 1;  ///< 3 does not exist
    int list_change = 0;       ///< bytes by which the list is longer or shorter than it should be

    bool is_move() const { return !in && action == 7; }
};

rc::Gen<Request> any_request();
void showValue(const Request& request, std::ostream& out);

Cdb cdb_of(const Request& request);
std::vector<std::uint8_t> list_of(const Request& request);

}  // namespace prh::model
