// SPDX-License-Identifier: MIT
// What a row of the table of expected outcomes plays on: every setting of paths, ports, dialect and
// multipathd. Beside what a row says itself, each of its steps must be answered as a guest that is a single
// nexus would be, leave the same state, let no write fail and leave no unit attention behind.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "multipath/world.h"

namespace prh::multipath {

class Row : public testing::TestWithParam<Setting> {
  protected:
    /// One step of the guest.
    void gives(const std::string& answer, const GuestCommand& command);
    void good(const GuestCommand& command) { gives("GOOD", command); }
    void conflicts(const GuestCommand& command) { gives("CONFLICT", command); }
    /// A dialect of its own: SPC-4 on the left, LIO on the right.
    void gives(const std::string& spc, const std::string& of_lio, const GuestCommand& command) {
        gives(lio() ? of_lio : spc, command);
    }
    /// One step of another host, which ends GOOD.
    void other(const GuestCommand& command, unsigned host = 0);
    /// What that host's next command is told.
    void other_is_told(const std::string& attention, unsigned host = 0);
    /// Every path that is online has our `key` (0: is not registered), the other hosts have `others`, and
    /// `held` is held.
    void state(std::uint64_t key, const std::vector<std::uint64_t>& others, const std::string& held);

    /// The guest's next PERSISTENT RESERVE OUT, whatever it is, brings paths into line that were away: one
    /// that changes nothing by itself. (PERSISTENT RESERVE IN only reads, and repairs no more than a broken
    /// swap.)
    void next_change_repairs() {
        gives("5/24/00", {Cdb::persistent_reserve_out(static_cast<PrOutAction>(8), 0, 24), reg(K, 0).list});
    }

    bool lio() const { return GetParam().dialect == Dialect::kLio; }
    std::size_t last_path() const { return GetParam().paths - 1; }
    void guest_holds_through(std::size_t path, std::uint8_t type = 5) {
        world.guest_holds_through(path, type);
    }
    void becomes(std::size_t path, Health health) { world.paths.become(path, health); }

    World world{GetParam()};
};

/// Two paths and four, ports known and not, both dialects, multipathd there and not.
inline std::vector<Setting> every_setting() {
    using Kind = FakeManager::Kind;
    std::vector<Setting> all;
    for (const Dialect dialect : {Dialect::kSpc, Dialect::kLio})
        for (const std::size_t paths : {2U, 4U})
            for (const bool known : {true, false})
                for (const Kind manager : {Kind::kPresent, Kind::kAbsent, Kind::kRefuses})
                    all.push_back({dialect, paths, known, manager, manager == Kind::kAbsent});
    return all;
}

inline std::string setting_name(const testing::TestParamInfo<Setting>& info) { return info.param.name(); }

}  // namespace prh::multipath
