// SPDX-License-Identifier: MIT
#include "ctl/text.h"

#include <fmt/format.h>

#include <iterator>

#include "client/common_options.h"
#include "client/printable.h"
#include "ctl/advice.h"
#include "scsi/names.h"
#include "wire/protocol.h"

namespace prh::ctl {
namespace {

std::string_view yes_no(bool value) { return value ? "yes" : "no"; }

std::string type_in_words(std::uint8_t code) {
    const std::optional<ReservationType> type = reservation_type(code);
    return fmt::format("{}, {}", code, type ? name(*type) : "not a type of SPC-4");
}

std::string scope_in_words(std::uint8_t scope) {
    return fmt::format("{}, {}", scope, scope == kLogicalUnitScope ? "logical unit" : "not a scope of SPC-4");
}

std::string count_of(std::size_t count, std::string_view noun) {
    if (count == 0) return fmt::format("no {}s", noun);
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string text_of(const ReadKeysData& keys) {
    std::string text = fmt::format("PR generation {:#x}, {} registered{}\n", keys.generation,
                                   count_of(keys.keys.size(), "key"), keys.keys.empty() ? "" : ":");
    for (const ReservationKey key : keys.keys) text += fmt::format("  {}\n", to_string(key));
    return text;
}

std::string text_of(const ReadReservationData& reservation) {
    if (!reservation.held && reservation.truncated)
        return fmt::format("PR generation {:#x}, a reservation is held\n", reservation.generation);
    if (!reservation.held)
        return fmt::format("PR generation {:#x}, no reservation is held\n", reservation.generation);
    const HeldReservation& held = *reservation.held;
    const auto type = reservation_type(held.type);
    return fmt::format(
        "PR generation {:#x}, a reservation is held:\n  key    {}{}\n  scope  {}\n  type   {}\n",
        reservation.generation, to_string(held.key),
        type && is_all_registrants(*type) ? " (every registrant holds it)" : "", scope_in_words(held.scope),
        type_in_words(held.type));
}

std::string text_of(const ReportCapabilitiesData& capabilities) {
    std::string text = "Capabilities:\n";
    const auto line = [&](std::string_view what, bool value) {
        text += fmt::format("  {:<48}{}\n", what, yes_no(value));
    };
    line("SPC-2 reservations, compatibly (CRH)", capabilities.compatible_reservation_handling);
    line("register other initiators' ports (SIP_C)", capabilities.specify_initiator_ports);
    line("register on all target ports (ATP_C)", capabilities.all_target_ports);
    line("persist through power loss (PTPL_C)", capabilities.persist_through_power_loss);
    line("persist through power loss is active (PTPL_A)", capabilities.persist_activated);
    line("replace lost reservation (RLR_C)", capabilities.replace_lost_reservation);
    text += fmt::format("  {:<48}{}\n", "allow commands", capabilities.allow_commands);
    if (!capabilities.type_mask_valid)
        return text + "The device does not tell which types it supports (TMV 0).\n";
    text += "Types supported:\n";
    for (const ReservationType type : kReservationTypes)
        if (capabilities.supports(type))
            text += fmt::format("  {}\n", type_in_words(static_cast<std::uint8_t>(type)));
    return text;
}

std::string text_of(const ReadFullStatusData& status) {
    std::string text = fmt::format("PR generation {:#x}, {}{}\n", status.generation,
                                   count_of(status.descriptors.size(), "registration"),
                                   status.descriptors.empty() ? "" : ":");
    for (const FullStatusDescriptor& descriptor : status.descriptors) {
        text += fmt::format("  key {}\n", to_string(descriptor.key));
        text += descriptor.holder
                    ? fmt::format("    holder       yes, scope {}, type {}\n",
                                  scope_in_words(descriptor.scope), type_in_words(descriptor.type))
                    : std::string("    holder       no\n");
        text += fmt::format("    initiator    {}\n", descriptor.transport_id.size() == 0
                                                         ? "a TransportID that cannot be read (see --hex)"
                                                         : printable(descriptor.transport_id.to_string()));
        text += descriptor.all_target_ports
                    ? std::string("    target port  all\n")
                    : fmt::format("    target port  {}\n", descriptor.relative_target_port);
    }
    return text;
}

std::string features_in_words(std::uint32_t features) {
    if (features == 0) return "none";
    std::string text = fmt::format("{:#x}", features);
    if (features & kFeatureCleanup) text += ", clean-up after live migration";
    return text;
}

std::string subject_of(const Outcome& outcome) {
    return fmt::format("{} on {}", outcome.command, printable(outcome.device));
}

}  // namespace

std::string render_answer(const Outcome& outcome) {
    if (outcome.failure) return {};
    if (outcome.verb == nullptr)
        return fmt::format("The helper at {} answers. Features: {}\n", printable(outcome.socket),
                           features_in_words(outcome.features.value_or(0)));
    if (!outcome.result || outcome.result->status != ScsiStatus::Good) return {};
    if (outcome.answer) return std::visit([](const auto& data) { return text_of(data); }, *outcome.answer);
    if (outcome.verb->reads())
        return fmt::format("{} of data, too short to be decoded\n", count_of(outcome.data.size(), "byte"));
    return fmt::format("{}: GOOD\n", service_action_name(*outcome.verb));
}

std::string render_problem(const Outcome& outcome) {
    std::string text;
    const auto line = [&](std::string_view words) { text += fmt::format("{}: {}\n", kProgramName, words); };
    for (const SenseData& attention : outcome.unit_attentions)
        line(fmt::format("{}: {}: sent again", subject_of(outcome),
                         to_string(attention.code().value_or(SenseCode{}))));
    if (outcome.failure) {
        line(printable(outcome.failure->message));
    } else if (outcome.result && outcome.result->status != ScsiStatus::Good) {
        line(fmt::format("{}: {}", subject_of(outcome), to_string(*outcome.result)));
        if (const std::string_view words = advice(*outcome.verb, *outcome.result); !words.empty())
            line(words);
    } else if (outcome.truncated) {
        line(fmt::format("{}: the answer is cut after {} bytes, the device has more to say",
                         subject_of(outcome), outcome.data.size()));
    }
    return text;
}

std::string render_hex(ConstBytes data) {
    constexpr std::size_t kPerLine = 16;
    std::string text;
    for (std::size_t offset = 0; offset < data.size(); offset += kPerLine) {
        text += fmt::format("{:04x} ", offset);
        for (const std::uint8_t byte : data.subspan(offset, std::min(kPerLine, data.size() - offset)))
            text += fmt::format(" {:02x}", byte);
        text += '\n';
    }
    return text;
}

}  // namespace prh::ctl
