// SPDX-License-Identifier: MIT
// A guest with an engine on a map with several paths, other hosts beside it, and the same histories on a
// reference: a logical unit of the same dialect where the guest is a single nexus. What the guest is told,
// and what becomes of the reservations, must be the same on both.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "multipath/engine.h"
#include "multipath/fake_manager.h"
#include "multipath/guest_command.h"
#include "multipath/interruption.h"
#include "multipath/memory_store.h"
#include "multipath/simulated_lun.h"
#include "multipath/simulated_paths.h"
#include "multipath/writer.h"

namespace prh::multipath {

// Keys: of the guest, and of other hosts.
inline constexpr std::uint64_t K = 0x1111, K2 = 0x1112, J = 0x2222, kWrongKey = 0x99;

struct Setting {
    Dialect dialect = Dialect::kSpc;
    std::size_t paths = 2;
    bool ports_known = true;
    FakeManager::Kind manager = FakeManager::Kind::kPresent;
    bool reverse_simultaneous = false;

    std::string name() const;
};

class World {
  public:
    explicit World(const Setting& setting, EnginePolicy policy = {});

    /// The guest's next command, on both sides; the engine's answer.
    std::string guest(const GuestCommand& command);
    /// To the engine alone: the guest asks again what it was not told.
    std::string guest_again(const GuestCommand& command);
    /// What the reference answered to the last command of guest().
    const std::string& expected() const { return expected_; }
    const std::vector<std::uint8_t>& data() const { return data_; }
    const std::vector<std::uint8_t>& expected_data() const { return expected_data_; }
    std::string clean_up() { return test::brief(engine_->clean_up()); }

    /// The watch of paths has seen these return, or come, and these not answer. Its commands are counted
    /// anew.
    Engine::Tended tend(const std::vector<std::size_t>& returned = {},
                        const std::vector<std::size_t>& silent = {});
    /// With the first look at a map.
    Engine::Tended tend_first() { return tend_with({{}, {}, true}); }
    Engine::Tended tend_with(const PathNews& news);

    /// A command of another host, on both sides; the answer of the side of the engine.
    std::string other(const GuestCommand& command, unsigned host = 0);
    static Nexus other_nexus(unsigned host = 0) { return test::nexus(0xB0 + host); }
    const Nexus& guest_nexus() const { return paths.nexus(0); }
    /// A command down one path that the engine knows nothing of.
    std::string behind_the_back(std::size_t path, const GuestCommand& command);

    /// The guest is registered and holds `type` through just this path.
    void guest_holds_through(std::size_t path, std::uint8_t type = 5);
    /// Commands that must end GOOD, to get somewhere.
    void guest_must(const GuestCommand& command);
    void other_must(const GuestCommand& command, unsigned host = 0);

    void restart();  ///< another process, the same record
    /// The path is well again, and multipathd, if it is there, does what it does then.
    void path_returns(std::size_t path);

    /// How the logical unit differs from `reference`; empty: not at all. Paths that are not online may have
    /// any registration.
    std::string difference() const { return difference(reference); }
    std::string difference(const SimulatedLun& from) const;
    /// Like difference(), but of registrations and reservations of the other hosts alone.
    std::string foreign_difference(const SimulatedLun& from) const;
    /// Unit attentions that wait on online paths and not for the guest of the reference.
    std::string left_attentions() const;
    /// Keys as "1111 1111 -", one per path, and the reservation as "5 by 1111".
    std::string keys() const;
    std::string held() const { return test::held(lun.unit()); }
    bool we_hold() const;

    Interruption interruption;
    SimulatedLun lun;
    SimulatedLun reference;
    SimulatedPaths paths;
    FakeManager manager;
    MemoryStore store;
    Writer writer;
    std::vector<std::string> reports;

  private:
    bool is_ours(const Nexus& nexus) const;
    void expect_writes(const GuestCommand& command, const SimulatedLun& before);

    const EnginePolicy policy_;
    std::uint64_t random_ = 0;
    std::string expected_;
    std::vector<std::uint8_t> data_, expected_data_;
    std::unique_ptr<Engine> engine_;
};

}  // namespace prh::multipath
