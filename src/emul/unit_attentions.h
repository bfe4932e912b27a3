// SPDX-License-Identifier: MIT
// Unit attention conditions that are established and not yet reported (SAM-5 5.14): per I_T nexus, in the
// order in which they came, each code once. They take bounded memory: a TransportID list can name nexuses
// that never come for theirs, and what such a nexus lost tells nobody anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "emul/nexus.h"
#include "scsi/sense.h"

namespace prh {

class UnitAttentions {
  public:
    /// Nexuses that may have something pending; beyond it the one that has waited longest loses its own.
    /// Four times the registrations that a logical unit of the emulator takes.
    static constexpr std::size_t kMaximumNexuses = 4096;

    void establish(const Nexus& nexus, SenseCode code);
    /// The next one for this nexus, which is thereby reported and gone.
    std::optional<SenseCode> take(const Nexus& nexus);

    std::size_t nexuses() const { return pending_.size(); }
    friend bool operator==(const UnitAttentions&, const UnitAttentions&) = default;

  private:
    struct Pending {
        std::uint64_t since = 0;
        std::vector<SenseCode> codes;
        friend bool operator==(const Pending&, const Pending&) = default;
    };
    void forget_the_oldest();

    std::map<Nexus, Pending> pending_;  // never an entry without codes
    std::uint64_t established_ = 0;
};

}  // namespace prh
