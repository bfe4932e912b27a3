// SPDX-License-Identifier: MIT
#include "ctl/command.h"

#include <fmt/format.h>

#include "scsi/pr_out_parameters.h"

namespace prh::ctl {
namespace {

std::vector<std::uint8_t> basic_list(const ReservationOptions& options,
                                     std::vector<TransportId> transport_ids) {
    PrOutParameters parameters;
    parameters.reservation_key = options.key.value_or(ReservationKey{});
    parameters.service_action_key = options.service_action_key.value_or(ReservationKey{});
    parameters.spec_i_pt = !transport_ids.empty();
    parameters.all_tg_pt = options.all_target_ports;
    parameters.aptpl = options.aptpl;
    parameters.transport_ids = std::move(transport_ids);
    return parameters.encode();
}

std::vector<std::uint8_t> move_list(const ReservationOptions& options, TransportId destination) {
    RegisterAndMoveParameters parameters;
    parameters.reservation_key = options.key.value_or(ReservationKey{});
    parameters.service_action_key = options.service_action_key.value_or(ReservationKey{});
    parameters.unreg = options.unregister;
    parameters.aptpl = options.aptpl;
    parameters.relative_target_port = options.relative_target_port;
    parameters.destination = std::move(destination);
    return parameters.encode();
}

}  // namespace

Expected<Command> make_command(const Verb& verb, const ReservationOptions& options,
                               std::vector<TransportId> transport_ids) {
    if (const auto* in = std::get_if<PrInAction>(&verb.action))
        return Command{
            Cdb::persistent_reserve_in(*in, options.allocation_length.value_or(kDefaultAllocationLength)),
            {}};

    const PrOutAction action = std::get<PrOutAction>(verb.action);
    if (action == PrOutAction::Register && !options.key && !options.service_action_key)
        return fail(
            ExitCode::SyntaxError,
            "register needs --param-sark=HEX (the key to register), --param-rk=HEX (the key to remove) "
            "or both (to change the one to the other)");
    if (action == PrOutAction::RegisterAndMove && transport_ids.size() != 1)
        return fail(ExitCode::SyntaxError, fmt::format("register-move needs exactly one TransportID, and "
                                                       "--transport-id gave {}",
                                                       transport_ids.size()));
    const std::size_t count = transport_ids.size();
    Command command;
    command.parameter_list = action == PrOutAction::RegisterAndMove
                                 ? move_list(options, std::move(transport_ids.front()))
                                 : basic_list(options, std::move(transport_ids));
    if (command.parameter_list.size() > kMaximumDataLength)
        return fail(ExitCode::SyntaxError,
                    fmt::format("{} TransportIDs make a parameter list of {} bytes, and a request carries at "
                                "most {}: register them in several commands",
                                count, command.parameter_list.size(), kMaximumDataLength));
    command.cdb = Cdb::persistent_reserve_out(
        action, options.type ? static_cast<std::uint8_t>(*options.type) : std::uint8_t{0},
        static_cast<std::uint32_t>(command.parameter_list.size()));
    return command;
}

}  // namespace prh::ctl
