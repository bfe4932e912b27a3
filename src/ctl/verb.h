// SPDX-License-Identifier: MIT
// The verbs that are a PERSISTENT RESERVE command, one for each service action, under the names of
// sg_persist(8): what the command line, the help, the request and the advice about an answer are made of.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>
#include <variant>

#include "scsi/reservation.h"

namespace prh::ctl {

/// A parameter that a user gives to a PERSISTENT RESERVE OUT command.
enum class Parameter : unsigned {
    ReservationKey = 1U << 0,
    ServiceActionKey = 1U << 1,
    Type = 1U << 2,
    Aptpl = 1U << 3,
    AllTargetPorts = 1U << 4,
    Unregister = 1U << 5,
    RelativeTargetPort = 1U << 6,
    TransportId = 1U << 7,
};

/// A set of them.
class ParameterSet {
  public:
    constexpr ParameterSet() = default;
    constexpr ParameterSet(std::initializer_list<Parameter> parameters) {
        for (const Parameter parameter : parameters) bits_ |= static_cast<unsigned>(parameter);
    }
    constexpr bool has(Parameter parameter) const { return bits_ & static_cast<unsigned>(parameter); }

  private:
    unsigned bits_ = 0;
};

struct Verb {
    std::string_view name;
    std::variant<PrInAction, PrOutAction> action;
    std::string_view summary;
    ParameterSet required = {};
    ParameterSet optional = {};
    std::string_view explanation;
    std::string_view examples;  ///< lines of a shell, without the program's name

    bool reads() const { return std::holds_alternative<PrInAction>(action); }
    bool takes(Parameter parameter) const { return required.has(parameter) || optional.has(parameter); }
};

std::span<const Verb> verbs();
const Verb* find_verb(std::string_view name);
/// "RESERVE": the service action in the words of SPC-4.
std::string_view service_action_name(const Verb& verb);

}  // namespace prh::ctl
