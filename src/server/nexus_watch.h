// SPDX-License-Identifier: MIT
// Which client registers through which I_T nexus. A nexus that two clients have is one initiator to the
// logical unit (SPC-4 5.13.1): the second REGISTER replaces the first one's key, and each can release and
// unregister what is the other's.
#pragma once

#include <condition_variable>
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
/// one for all who come through it: when it goes, it goes for all (AllLeave). The clean-up after a
/// migration is the client's alone (Leaves).
enum class RegistrationChange { None, Enters, Leaves, AllLeave };
RegistrationChange registration_change(const Request& request);

/// Remembers a client as registered from its REGISTER until it unregisters, moves its registration away, or
/// has no connection any more; or until CLEAR comes through the same nexus. What other hosts do is not seen.
class NexusWatch {
  public:
    NexusWatch(ReservationDevice& device, SharedNexus mode, Log& log, Counters& counters, ClientNames& names)
        : device_(device), mode_(mode), log_(log), counters_(counters), names_(names) {}

    /// Executes by `send`. With SharedNexus::Deny, what changes something (PERSISTENT RESERVE OUT, clean-up)
    /// is answered RESERVATION CONFLICT instead where another client is registered through a nexus and `peer`
    /// is not: as a disk does to a nexus that it does not know. The clean-up of a client is GOOD without
    /// `send` while another one is registered: the host still needs the registration, as after a migration
    /// within the host.
    CommandResult execute(const std::shared_ptr<Peer>& peer, const Request& request,
                          const std::function<CommandResult()>& send);
    /// Who is registered through any of these.
    std::vector<std::shared_ptr<Peer>> registrants(const std::vector<std::string>& nexuses);
    /// The peer has no connection any more.
    void forget(const Peer& peer);

  private:
    using Nexuses = std::vector<std::string>;
    struct Clients {
        std::vector<std::shared_ptr<Peer>> registered;
        /// With SharedNexus::Deny: not registered, and nobody else was, when their command was let through.
        std::vector<const Peer*> strangers;
        bool empty() const { return registered.empty() && strangers.empty(); }
    };
    struct Entry {
        std::shared_ptr<Peer> other;  ///< who is registered already, where `peer` is not
        Nexuses entered;              ///< where `peer` is registered from now on
        Nexuses visited;              ///< where `peer` is a stranger until its command has been answered
    };
    struct Visit {
        NexusWatch& watch;
        const Peer& peer;
        const Nexuses& nexuses;
        ~Visit() { watch.end_visit(peer, nexuses); }
    };

    Entry try_enter(const std::shared_ptr<Peer>& peer, const Request& request, const Nexuses& nexuses);
    void leave(const Peer& peer, const Nexuses& nexuses);
    void all_leave(const Nexuses& nexuses);
    void end_visit(const Peer& peer, const Nexuses& nexuses);
    void forget_if_empty(const std::string& nexus);
    bool others_are_registered(const Peer& peer, const Nexuses& nexuses);
    void report(const Peer& peer, const Peer& other, const Cdb& cdb, const DeviceIdentity& device);

    ReservationDevice& device_;
    const SharedNexus mode_;
    Log& log_;
    Counters& counters_;
    ClientNames& names_;
    std::mutex mutex_;
    std::condition_variable visit_ended_;
    std::map<std::string, Clients> clients_;  // by nexus
};

}  // namespace prh
