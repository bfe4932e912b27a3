// SPDX-License-Identifier: MIT
// A cluster on paper: the validation over an emulated logical unit in this process, whose nodes have one path
// or several, and where anything can be made to go wrong at any command.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "diagnose/validation_verdict.h"
#include "emul/logical_unit.h"

namespace prh::test {

struct Rehearsal;

/// What the world does to a command, before or instead of the logical unit.
enum class Mishap {
    None,
    NotSent,     ///< the helper is gone before it takes the command
    AnswerLost,  ///< the helper is gone after the disk has executed it
    PathLost,    ///< LOGICAL UNIT COMMUNICATION FAILURE, not executed
    Attention,   ///< POWER ON OCCURRED, not executed
};

class RehearsedNode final : public ctl::Initiator {
  public:
    RehearsedNode(Rehearsal& rehearsal, std::string device, unsigned first_port, unsigned paths);

    const std::string& device() const override { return device_; }
    const std::string& socket() const override { return socket_; }
    ctl::Expected<ctl::Reply> execute(const Cdb& cdb, ConstBytes parameter_list) override;
    bool reconnect() override;
    ctl::WayFacts way() override;
    ctl::WayFacts probed_way() override;
    ctl::MultipathdAnswerSeen ask_multipathd() override { return multipathd(); }

    LogicalUnit* unit;              ///< another one than its fellow's, if a test says so
    std::vector<unsigned> skipped;  ///< paths (counted from 0) that registrations do not reach
    bool skipped_fail = true;       ///< and which do not answer either
    std::function<ctl::MultipathdAnswerSeen()> multipathd;

  private:
    Nexus nexus(unsigned path) const;
    CommandResult carry_out(const Cdb& cdb, ConstBytes parameter_list, std::vector<std::uint8_t>& data);

    Rehearsal& rehearsal_;
    const std::string device_;
    const std::string socket_ = "/run/rehearsal.sock";
    const unsigned first_port_;
    const unsigned paths_;
    unsigned helper_ = 0;  // that it is connected to
    bool connected_ = true;
};

struct Rehearsal {
    static LogicalUnitTraits persistent();

    LogicalUnit unit{persistent()};
    ctl::ValidationKeys keys{{0x56414C01}, {0x56414C02}, {0x56414C03}};
    unsigned first_paths = 1;
    unsigned commands = 0;  ///< sent so far, by both nodes
    unsigned helper = 0;    ///< counts those that have ended; a connection to one fails when it is used
    bool helper_returns = true;
    std::function<Mishap(unsigned number, const Cdb& cdb)> mishap = [](unsigned, const Cdb&) {
        return Mishap::None;
    };
    /// Changes an answer of the disk: an array with a fault.
    std::function<void(const Cdb& cdb, const RehearsedNode& node, CommandResult& result)> distort;
    std::function<bool()> stopped = [] { return false; };

    /// With --preempt-abort. `prepare` has the nodes before they play.
    ctl::ValidationOutcome play(bool two_nodes = true, bool clear_keys = false,
                                const std::function<void(RehearsedNode&, RehearsedNode&)>& prepare = {});
    /// A command of a host that is none of the nodes.
    void stranger_registers(std::uint64_t key);
    bool is_registered(std::uint64_t key) const;
};

const ctl::StepOutcome* failed_step(const ctl::ValidationOutcome& outcome);  ///< the first one
/// "array: words" of the first step that failed; empty if none did.
std::string finding_of(const ctl::ValidationOutcome& outcome);
std::string fault_of(const ctl::ValidationOutcome& outcome);

}  // namespace prh::test
