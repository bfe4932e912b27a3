// SPDX-License-Identifier: MIT
// Hosts that speak to one emulated logical unit, for tests that read as what the hosts do. Every answer is a
// short text: "GOOD", "CONFLICT", "5/26/04".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "emul/logical_unit.h"
#include "scsi/cdb.h"
#include "scsi/pr_in_data.h"
#include "scsi/pr_out_parameters.h"

namespace prh::test {

std::string brief(const CommandResult& result);

constexpr std::uint8_t kWriteExclusive = 1;
constexpr std::uint8_t kExclusiveAccess = 3;
constexpr std::uint8_t kWriteExclusiveRegistrantsOnly = 5;
constexpr std::uint8_t kExclusiveAccessRegistrantsOnly = 6;
constexpr std::uint8_t kWriteExclusiveAllRegistrants = 7;
constexpr std::uint8_t kExclusiveAccessAllRegistrants = 8;

/// An initiator port that tests call "host N".
inline Nexus nexus(unsigned host, std::uint16_t target_port = 1) {
    return {TransportId::sas(0x5001405000000000 + host), target_port};
}

struct Bits {
    bool all_tg_pt = false;
    bool aptpl = false;
    bool spec_i_pt = false;
    std::vector<TransportId> ids = {};
};

struct Move {
    Nexus to;
    bool unreg = false;
    bool aptpl = false;
};

class Host {
  public:
    Host(LogicalUnit& unit, Nexus speaks_as) : unit_(unit), nexus_(std::move(speaks_as)) {}

    std::string registers(std::uint64_t old_key, std::uint64_t new_key, const Bits& bits = {});
    std::string registers_ignoring(std::uint64_t old_key, std::uint64_t new_key, const Bits& bits = {});
    std::string reserves(std::uint64_t key, std::uint8_t type, std::uint8_t scope = 0);
    std::string releases(std::uint64_t key, std::uint8_t type, std::uint8_t scope = 0);
    std::string clears(std::uint64_t key);
    std::string preempts(std::uint64_t key, std::uint64_t victim, std::uint8_t type, std::uint8_t scope = 0);
    std::string preempts_and_aborts(std::uint64_t key, std::uint64_t victim, std::uint8_t type);
    std::string moves(std::uint64_t key, std::uint64_t new_key, const Move& move);
    std::string sends(const Cdb& cdb, const std::vector<std::uint8_t>& list = {});

    /// What a command that changes nothing is answered: a pending unit attention, or "GOOD".
    std::string notices() { return sends(Cdb::persistent_reserve_in(PrInAction::ReadKeys, 8)); }
    /// The data of a PERSISTENT RESERVE IN that must end GOOD.
    std::vector<std::uint8_t> reads(PrInAction action, std::uint16_t allocation_length = 8192);

    bool may_read() const { return unit_.allows_read(nexus_); }
    bool may_write() const { return unit_.allows_write(nexus_); }
    const Nexus& name() const { return nexus_; }

  private:
    std::string out(PrOutAction action, std::uint8_t type, std::uint8_t scope,
                    const PrOutParameters& parameters);

    LogicalUnit& unit_;
    Nexus nexus_;
};

/// The keys in the order of the registrations.
std::vector<std::uint64_t> keys(const LogicalUnit& unit);
/// "none", or type and key as READ RESERVATION reports them: "5 by 11".
std::string held(const LogicalUnit& unit);

}  // namespace prh::test
