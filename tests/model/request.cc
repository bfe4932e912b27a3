// SPDX-License-Identifier: MIT
#include "model/request.h"

#include <rapidcheck.h>

#include <algorithm>
#include <ostream>

#include "scsi/names.h"
#include "scsi/pr_out_parameters.h"

namespace prh::model {
namespace {

/// Each initiator has a key of its own that it mostly gives, so that most commands are not conflicts.
std::uint64_t any_key(int of_initiator) {
    const int choice = *rc::gen::inRange(0, 20);
    return static_cast<std::uint64_t>(choice < 16 ? of_initiator + 1 : choice - 16);
}

int sometimes(int usual, int low, int high) {
    return *rc::gen::weightedOneOf<int>({{9, rc::gen::just(usual)}, {1, rc::gen::inRange(low, high)}});
}

}  // namespace

Nexus nexus(int number) {
    return {initiator(number / kPorts), static_cast<std::uint16_t>(number % kPorts + 1)};
}

TransportId initiator(int number) {
    return TransportId::sas(0x5001405000000000U + static_cast<unsigned>(number));
}

rc::Gen<Request> any_request() {
    return rc::gen::exec([] {
        Request request;
        request.sender = *rc::gen::inRange(0, kNexuses);
        request.in = *rc::gen::weightedElement<bool>({{4, false}, {1, true}});
        if (request.in) {
            request.action = *rc::gen::inRange(0, 5);
            request.allocation_length = static_cast<std::uint16_t>(*rc::gen::inRange(0, 600));
            return request;
        }
        const int own = request.sender / kPorts;
        request.action = *rc::gen::weightedElement<int>(
            {{6, 0}, {4, 1}, {2, 2}, {1, 3}, {3, 4}, {1, 5}, {3, 6}, {3, 7}, {1, 8}, {1, 31}});
        const bool registers = request.action == 0 || request.action == 6;
        // An unregistered nexus registers with zero, and half of the time ours are unregistered.
        request.key = request.action == 0 && *rc::gen::arbitrary<bool>() ? 0 : any_key(own);
        request.service_action_key = registers ? any_key(own) : any_key(*rc::gen::inRange(0, kInitiators));
        request.scope = sometimes(0, 0, 16);
        request.type = *rc::gen::weightedOneOf<int>(
            {{9, rc::gen::element(1, 3, 5, 6, 7, 8)}, {1, rc::gen::inRange(0, 16)}});
        request.all_tg_pt = sometimes(0, 0, 2) != 0;
        request.aptpl = *rc::gen::weightedElement<bool>({{3, false}, {1, true}});
        request.spec_i_pt = request.action == 0 ? *rc::gen::weightedElement<bool>({{4, false}, {1, true}})
                                                : sometimes(0, 0, 2) != 0;
        if (request.spec_i_pt)
            request.initiators = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, kInitiators));
        request.unreg = *rc::gen::arbitrary<bool>();
        request.destination = *rc::gen::inRange(0, kInitiators);
        request.destination_port = *rc::gen::weightedElement<int>({{5, 1}, {5, 2}, {1, 3}});
        request.list_change = sometimes(0, -8, 5);
        return request;
    });
}

Cdb cdb_of(const Request& request) {
    if (request.in)
        return Cdb::persistent_reserve_in(static_cast<PrInAction>(request.action), request.allocation_length);
    return Cdb::persistent_reserve_out(
        static_cast<PrOutAction>(request.action), static_cast<std::uint8_t>(request.type),
        static_cast<std::uint32_t>(list_of(request).size()), static_cast<std::uint8_t>(request.scope));
}

std::vector<std::uint8_t> list_of(const Request& request) {
    if (request.in) return {};
    std::vector<std::uint8_t> list;
    if (request.is_move()) {
        list = RegisterAndMoveParameters{{request.key},
                                         {request.service_action_key},
                                         request.unreg,
                                         request.aptpl,
                                         static_cast<std::uint16_t>(request.destination_port),
                                         initiator(request.destination)}
                   .encode();
    } else {
        PrOutParameters parameters{{request.key},     {request.service_action_key},
                                   request.spec_i_pt, request.all_tg_pt,
                                   request.aptpl,     {}};
        for (const int number : request.initiators) parameters.transport_ids.push_back(initiator(number));
        list = parameters.encode();
    }
    list.resize(static_cast<std::size_t>(static_cast<int>(list.size()) + request.list_change));
    return list;
}

void showValue(const Request& request, std::ostream& out) {
    out << "nexus " << request.sender << ": " << to_string(cdb_of(request));
    if (request.in) return;
    out << ", key " << request.key << ", service action key " << request.service_action_key;
    if (request.all_tg_pt) out << ", ALL_TG_PT";
    if (request.aptpl) out << ", APTPL";
    if (request.spec_i_pt) {
        out << ", SPEC_I_PT of";
        for (const int number : request.initiators) out << " " << number;
    }
    if (request.is_move())
        out << ", to initiator " << request.destination << " port " << request.destination_port
            << (request.unreg ? ", UNREG" : "");
    if (request.list_change != 0) out << ", list changed by " << request.list_change;
}

}  // namespace prh::model
