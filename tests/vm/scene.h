// SPDX-License-Identifier: MIT
// What a row of the table plays on: two nexuses of one logical unit, and the state of its reservations.
#pragma once

#include <functional>
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
    std::string aptpl_directory;  ///< where LIO keeps what survives a loss of power
    bool aborts = false;          ///< PREEMPT AND ABORT can be tried: on a loopback port it hangs Linux 6.1
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
    void state(std::vector<Key> keys, const Held& reservation);
    void nobody() { state({}, kNothing); }

    PortIdentity identity_of(Nexus& nexus);  ///< leaves the logical unit clean

  private:
    SceneOptions options_;
};

/// One registrant, as READ FULL STATUS describes it (SPC-4 6.15.5).
struct Registrant {
    Key key = 0;
    bool holder = false;
    unsigned scope_and_type = 0;
    unsigned relative_target_port = 0;
    Bytes transport_id;
};
std::vector<Registrant> full_status(Nexus& nexus);

enum class Needs {
    kAny,
    kLio,    ///< what SPC-4 does not say, or what takes a command that the helper does not carry
    kAbort,  ///< SceneOptions::aborts
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

}  // namespace prh::vm
