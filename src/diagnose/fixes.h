// SPDX-License-Identifier: MIT
// The lines that fix: commands of a shell, sections of multipath.conf, drop-ins of a unit. Pure.
#pragma once

#include <string>
#include <string_view>

#include "diagnose/diagnosis.h"
#include "diagnose/helper_process.h"
#include "scsi/reservation.h"

namespace prh::ctl {

/// How a command reaches the helper that is looked at.
struct Reach {
    std::string socket;    ///< as given
    std::string device;    ///< as the user named it
    bool persist = false;  ///< registrations survive a loss of power now (PTPL_A), and have to go on doing so
};

/// For a shell: as it is where it needs no quotes.
std::string shell_word(std::string_view text);

/// Registers `key` through every path of the disk, whatever is registered there.
Fix register_everywhere(const Reach& reach, ReservationKey key);
Fix preempt(const Reach& reach, ReservationKey own, ReservationKey victim, std::uint8_t type);
/// A section for multipath.conf, at its end: a later one is added to an earlier one of the same name.
Fix multipath_section(std::string lines);
/// The helper's own command line with one more option ("--timeout=30"), in place of one of that name: as a
/// drop-in of its unit, or for who started it by hand. Nothing to copy where the command line is not known.
Fix restart_with(const HelperProcess& process, std::string_view option);

}  // namespace prh::ctl
