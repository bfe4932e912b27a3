// SPDX-License-Identifier: MIT
// What a row of the table plays on: two nexuses of one logical unit, and the state of its reservations. Ours
// may be a multipath map, which is to come to the same; but each of its paths is registered by itself.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vm/nexus.h"

namespace prh::vm {

using Key = std::uint64_t;
inline constexpr Key K = 0x1111, K2 = 0x1112, J = 0x2222, kWrongKey = 0x99;

struct Held {
    Key key = 0;
    unsigned type = 0;  ///< 0: nothing is held
    friend bool operator==(const Held&, const Held&) = default;
};
inline constexpr Held kNothing{};
constexpr Held held(Key key, unsigned type) { return {key, type}; }

struct SceneOptions {
    Target target = Target::kLio;
    std::string socket, ours, other;
    std::vector<std::string> paths;        ///< of `ours`, if that is a multipath map
    std::vector<PortIdentity> identities;  ///< of the paths: Scene::learn_identities()
    std::string aptpl_directory;           ///< where LIO keeps what survives a loss of power
    bool aborts = false;  ///< PREEMPT AND ABORT can be tried: on a loopback port it hangs Linux 6.1
};

class Scene {
  public:
    explicit Scene(const SceneOptions& options);

    Nexus ours;
    Nexus other;

    bool lio() const { return options_.target == Target::kLio; }
    const SceneOptions& options() const { return options_; }

    /// Nobody is registered, nothing is held, no unit attention waits.
    void clean();
    /// `keys` are registered (in any order) and `reservation` is held; unit attentions are gone afterwards.
    /// Of a map, our keys K and K2 stand for one registration down each path. `others`: what others
    /// registered with such a key.
    void state(std::vector<Key> keys, const Held& reservation, const std::vector<Key>& others = {});
    void nobody() { state({}, kNothing); }

    /// The paths of our map, past the helper. Empty if ours is a disk.
    const std::vector<std::unique_ptr<Nexus>>& paths() const { return paths_; }
    std::size_t path_count() const { return std::max<std::size_t>(paths_.size(), 1); }

    /// Before all else where there are paths: registers and clears down each of them.
    std::vector<PortIdentity> learn_identities();
    PortIdentity identity_of(Nexus& nexus);      ///< of one that is no map; leaves the logical unit clean
    std::vector<PortIdentity> our_identities();  ///< of each path; leaves the logical unit clean

  private:
    void clear_through_the_helper();
    void check_each_path(const std::vector<Key>& ours, const Held& reservation, bool others);
    void check_writes(Nexus& nexus, bool registered, const Held& reservation);

    SceneOptions options_;
    std::vector<std::unique_ptr<Nexus>> paths_;
};

/// One registrant, as READ FULL STATUS describes it (SPC-4 6.15.5).
struct Registrant {
    Key key = 0;
    bool holder = false;
    unsigned scope_and_type = 0;
    bool all_target_ports = false;  ///< then the relative target port says nothing
    unsigned relative_target_port = 0;
    Bytes transport_id;

    PortIdentity identity() const { return {relative_target_port, transport_id}; }
    bool is(const PortIdentity& nexus) const {
        return transport_id == nexus.transport_id &&
               (all_target_ports || relative_target_port == nexus.relative_target_port);
    }
};
std::vector<Registrant> full_status(Nexus& nexus);

enum class Needs {
    kAny,
    kLio,    ///< what SPC-4 does not say, or what takes a command that the helper does not carry
    kAbort,  ///< SceneOptions::aborts
    kPaths,  ///< SceneOptions::paths
};

struct Row {
    int number;
    const char* title;
    std::function<void(Scene&)> play;
    Needs needs = Needs::kAny;
};
using Rows = std::vector<Row>;

Rows registering_rows();
Rows reserving_rows();
Rows releasing_rows();
Rows preempting_rows();
Rows parameter_rows();
Rows moving_rows();
Rows path_rows();

}  // namespace prh::vm
