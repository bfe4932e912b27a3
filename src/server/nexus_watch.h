// SPDX-License-Identifier: MIT
// Which client registers through which I_T nexus. A nexus that two clients have is one initiator to the
// logical unit (SPC-4 5.13.1): the second REGISTER replaces the first one's key, and each can release and
// unregister what is the other's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "device/reservation_device.h"
#include "observe/counters.h"
#include "observe/log.h"
#include "server/peers.h"
#include "server/policy.h"
#include "wire/session.h"

namespace prh {

/// What a request does, if it succeeds, to the registration of the nexus through which it comes. The disk has
/// one for all who come through it: when it goes, it goes for all (AllLeave); the clean-up after a migration
/// is the client's alone (Leaves).
enum class RegistrationChange { None, Enters, Leaves, AllLeave };
RegistrationChange registration_change(const Request& request);

/// Remembers a client as registered from its REGISTER until it unregisters, moves its registration away, or
/// has no connection any more; or until CLEAR comes through the same nexus. What other hosts do is not seen.
class NexusWatch {
  public:
    NexusWatch(ReservationDevice& device, SharedNexus mode, Log& log, Counters& counters)
        : device_(device), mode_(mode), log_(log), counters_(counters) {}

    /// Executes by `send`, unless it is the REGISTER of a second client and that is denied.
    CommandResult execute(const std::shared_ptr<Peer>& peer, const Request& request,
                          const std::function<CommandResult()>& send);
    /// Who is registered through any of these.
    std::vector<std::shared_ptr<Peer>> registrants(const std::vector<std::string>& nexuses);
    /// The peer has no connection any more.
    void forget(const Peer& peer);

  private:
    using Nexuses = std::vector<std::string>;
    struct Entry {
        std::shared_ptr<Peer> other;  ///< who is registered already, where `peer` is not
        Nexuses entered;              ///< where `peer` is from now on
    };

    Entry try_enter(const std::shared_ptr<Peer>& peer, RegistrationChange change, const Nexuses& nexuses);
    void leave(const Peer& peer, const Nexuses& nexuses);
    void all_leave(const Nexuses& nexuses);
    void report(Peer& peer, Peer& other, const DeviceIdentity& device);

    ReservationDevice& device_;
    const SharedNexus mode_;
    Log& log_;
    Counters& counters_;
    std::mutex mutex_;
    std::map<std::string, std::vector<std::shared_ptr<Peer>>> registered_;  // by nexus
};

}  // namespace prh
