// SPDX-License-Identifier: MIT
#include "ctl/runner.h"

#include <fmt/format.h>

#include "base/unique_fd.h"
#include "client/device_node.h"
#include "client/helper_connection.h"
#include "client/sent_command.h"
#include "ctl/command.h"
#include "ctl/transport_id_source.h"
#include "scsi/names.h"

namespace prh::ctl {
namespace {

/// A device reports one unit attention for each command (SAM-5 5.14.5); nothing real queues more of them, and
/// a device that goes on for ever is not waited for.
constexpr int kMaximumUnitAttentions = 8;

bool is_unit_attention(const CommandResult& result) {
    return exit_code_of(result) == ExitCode::UnitAttention;
}

/// One command and its result; a unit attention stands before it in `outcome` if it is to be tried again.
Expected<Reply> execute(HelperConnection& helper, const Command& command, FdRef device,
                        const Arguments& arguments, Outcome& outcome) {
    while (true) {
        if (arguments.common.verbose) print_sent(command.cdb, command.parameter_list);
        Expected<Reply> reply = helper.execute(command.cdb, device, command.parameter_list);
        if (!reply || !is_unit_attention(reply->result) || !arguments.reservation.retry_unit_attention ||
            outcome.unit_attentions.size() == kMaximumUnitAttentions)
            return reply;
        outcome.unit_attentions.push_back(reply->result.sense);
    }
}

/// Decodes the data of `outcome`, if the user wants them decoded.
void decode(PrInAction action, const ReservationOptions& options, Outcome& outcome) {
    outcome.truncated = whole_length(action, outcome.data) > outcome.data.size();
    outcome.answer = decode_answer(action, outcome.data);
    const bool as_they_are = options.hex || options.raw || options.allocation_length;
    if (!outcome.answer && !as_they_are)
        outcome.failure =
            Failure{ExitCode::MalformedAnswer,
                    fmt::format("the device answers {} with {} bytes, which is not even a header",
                                name(action), outcome.data.size())};
}

/// Everything of a PERSISTENT RESERVE command that can fail without an answer of the device.
Expected<void> converse(const Arguments& arguments, Outcome& outcome) {
    const Verb& verb = *arguments.verb;
    const ReservationOptions& options = arguments.reservation;
    Expected<std::vector<TransportId>> ids = load_transport_ids(options.transport_ids);
    if (!ids) return tl::unexpected<Failure>(ids.error());
    const Expected<Command> command = make_command(verb, options, std::move(*ids));
    if (!command) return tl::unexpected<Failure>(command.error());
    const Expected<UniqueFd> device = open_device(options.device, verb.reads() || options.readonly);
    if (!device) return tl::unexpected<Failure>(device.error());
    Expected<HelperConnection> helper =
        HelperConnection::open(arguments.common.socket, arguments.common.timeout);
    if (!helper) return tl::unexpected<Failure>(helper.error());
    outcome.features = helper->features();

    Expected<Reply> reply = execute(*helper, *command, device->ref(), arguments, outcome);
    if (!reply) return tl::unexpected<Failure>(reply.error());
    outcome.result = reply->result;
    outcome.data = std::move(reply->data);
    const auto* action = std::get_if<PrInAction>(&verb.action);
    if (action != nullptr && outcome.result->status == ScsiStatus::Good) decode(*action, options, outcome);
    return {};
}

Expected<void> ping(const Arguments& arguments, Outcome& outcome) {
    const Expected<HelperConnection> helper =
        HelperConnection::open(arguments.common.socket, arguments.common.timeout);
    if (!helper) return tl::unexpected<Failure>(helper.error());
    outcome.features = helper->features();
    return {};
}

}  // namespace

Outcome run(const Arguments& arguments) {
    Outcome outcome;
    outcome.command = arguments.verb == nullptr ? std::string(kPing) : std::string(arguments.verb->name);
    outcome.verb = arguments.verb;
    outcome.socket = arguments.common.socket;
    outcome.device = arguments.reservation.device;
    const Expected<void> done =
        outcome.verb == nullptr ? ping(arguments, outcome) : converse(arguments, outcome);
    if (!done) outcome.failure = done.error();
    return outcome;
}

}  // namespace prh::ctl
