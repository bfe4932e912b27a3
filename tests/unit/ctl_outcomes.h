// SPDX-License-Identifier: MIT
// Outcomes to render, as a device's bytes make them.
#pragma once

#include <vector>

#include "ctl/outcome.h"

namespace prh::ctl {

inline Outcome outcome_of(std::string_view verb, CommandResult result) {
    Outcome outcome;
    outcome.command = verb;
    outcome.verb = find_verb(verb);
    outcome.socket = "/run/pr.sock";
    outcome.device = "/dev/sdb";
    outcome.features = 0;
    outcome.result = result;
    return outcome;
}

/// `verb` ended GOOD with `data`, which encode() gives.
template <class Data>
Outcome outcome_of(std::string_view verb, const Data& data, std::size_t allocation_length = 8192) {
    Outcome outcome = outcome_of(verb, CommandResult::good());
    outcome.data.resize(allocation_length);
    outcome.data.resize(data.encode(outcome.data));
    const PrInAction action = std::get<PrInAction>(outcome.verb->action);
    outcome.answer = decode_answer(action, outcome.data);
    outcome.truncated = whole_length(action, outcome.data) > outcome.data.size();
    return outcome;
}

inline Outcome failed(Failure failure) {
    Outcome outcome;
    outcome.failure = std::move(failure);
    return outcome;
}

inline ReadFullStatusData two_registrations() {
    ReadFullStatusData status;
    status.generation = 7;
    status.descriptors.resize(2);
    status.descriptors[0].key = {0x123ABC};
    status.descriptors[0].holder = true;
    status.descriptors[0].type = 5;
    status.descriptors[0].relative_target_port = 1;
    status.descriptors[0].transport_id = TransportId::sas(0x5000C50005B32001);
    status.descriptors[1].key = {0x456DEF};
    status.descriptors[1].all_target_ports = true;
    status.descriptors[1].transport_id = TransportId::iscsi("iqn.2001-04.com.example:b");
    return status;
}

}  // namespace prh::ctl
