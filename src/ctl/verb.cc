// SPDX-License-Identifier: MIT
#include "ctl/verb.h"

#include "scsi/names.h"

namespace prh::ctl {
namespace {

using enum Parameter;

constexpr Verb kVerbs[] = {
    {.name = "read-keys",
     .action = PrInAction::ReadKeys,
     .summary = "list the registered reservation keys",
     .explanation = "Lists every registered key, once for each registration, without saying whose it is.",
     .examples = "read-keys /dev/sdb\n"
                 "read-keys --json /dev/sdb | jq -r '.keys[]'"},
    {.name = "read-reservation",
     .action = PrInAction::ReadReservation,
     .summary = "show the reservation that is held",
     .explanation =
         "Shows the key of the holder, and the scope and type of the reservation. For the types 'all "
         "registrants' the key is 0.",
     .examples = "read-reservation /dev/sdb"},
    {.name = "report-capabilities",
     .action = PrInAction::ReportCapabilities,
     .summary = "show what the device can do",
     .explanation = "Shows which features and which types of persistent reservations the device supports.",
     .examples = "report-capabilities /dev/sdb"},
    {.name = "read-full-status",
     .action = PrInAction::ReadFullStatus,
     .summary = "show every registration: key, initiator, holder",
     .explanation = "Lists every registration with its key, the TransportID of the initiator, and whether it "
                    "holds the reservation. A device need not support it.",
     .examples = "read-full-status /dev/sdb"},
    {.name = "register",
     .action = PrOutAction::Register,
     .summary = "register a key, change it, or remove it",
     .optional = {ReservationKey, ServiceActionKey, Aptpl, AllTargetPorts, TransportId},
     .explanation = "With --param-sark alone it registers a key; with both it changes the key --param-rk to "
                    "--param-sark; with --param-rk alone it removes the registration. Give at least one.",
     .examples = "register --param-sark=123abc /dev/sdb\n"
                 "register --param-rk=123abc --param-sark=456def /dev/sdb\n"
                 "register --param-rk=456def /dev/sdb"},
    {.name = "register-ignore",
     .action = PrOutAction::RegisterAndIgnoreExistingKey,
     .summary = "register a key whatever was registered before",
     .required = {ServiceActionKey},
     .optional = {ReservationKey, Aptpl, AllTargetPorts},
     .explanation = "As register, but the key that this initiator has now need not be known. --param-sark=0 "
                    "removes the registration.",
     .examples = "register-ignore --param-sark=123abc /dev/sdb\n"
                 "register-ignore --param-sark=0 /dev/sdb"},
    {.name = "register-move",
     .action = PrOutAction::RegisterAndMove,
     .summary = "register another initiator and move the reservation to it",
     .required = {ReservationKey, ServiceActionKey, Type, TransportId},
     .optional = {Aptpl, Unregister, RelativeTargetPort},
     .explanation = "This initiator must hold the reservation, with the key --param-rk and the type "
                    "--prout-type. The other one, named by --transport-id, gets the key --param-sark.",
     .examples = "register-move --param-rk=123abc --param-sark=456def \\\n"
                 "    --prout-type=1 --transport-id=sas,5000c50005b32001 /dev/sdb"},
    {.name = "reserve",
     .action = PrOutAction::Reserve,
     .summary = "take the reservation",
     .required = {ReservationKey, Type},
     .explanation = "Creates the reservation. The key must be registered for this initiator.",
     .examples = "reserve --param-rk=123abc --prout-type=5 /dev/sdb"},
    {.name = "release",
     .action = PrOutAction::Release,
     .summary = "give the reservation up",
     .required = {ReservationKey, Type},
     .explanation =
         "Key and type must be those of the reservation. Where another initiator holds it, nothing "
         "changes and the status is GOOD all the same.",
     .examples = "release --param-rk=123abc --prout-type=5 /dev/sdb"},
    {.name = "clear",
     .action = PrOutAction::Clear,
     .summary = "remove the reservation and every registration",
     .required = {ReservationKey},
     .explanation =
         "Removes the keys of all initiators, not only this one's. For recovery, not for daily use.",
     .examples = "clear --param-rk=123abc /dev/sdb"},
    {.name = "preempt",
     .action = PrOutAction::Preempt,
     .summary = "remove a key's registrations, take its reservation",
     .required = {ReservationKey, ServiceActionKey, Type},
     .explanation = "Removes every registration of the key --param-sark. If it held the reservation, this "
                    "initiator now holds one of the type --prout-type.",
     .examples = "preempt --param-rk=123abc --param-sark=456def \\\n"
                 "    --prout-type=5 /dev/sdb"},
    {.name = "preempt-abort",
     .action = PrOutAction::PreemptAndAbort,
     .summary = "preempt, and abort the commands of those preempted",
     .required = {ReservationKey, ServiceActionKey, Type},
     .explanation =
         "As preempt; the commands of the initiators that lose their registration are aborted too.",
     .examples = "preempt-abort --param-rk=123abc --param-sark=456def \\\n"
                 "    --prout-type=5 /dev/sdb"},
};

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }

const Verb* find_verb(std::string_view name) {
    for (const Verb& verb : kVerbs)
        if (verb.name == name) return &verb;
    return nullptr;
}

std::string_view service_action_name(const Verb& verb) {
    return std::visit([](auto action) { return prh::name(action); }, verb.action);
}

}  // namespace prh::ctl
