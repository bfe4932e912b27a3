// SPDX-License-Identifier: MIT
// The paths of one map to a simulated logical unit, with what can become of a path and of a command on it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "multipath/fault.h"
#include "multipath/interruption.h"
#include "multipath/paths.h"
#include "multipath/simulated_lun.h"

namespace prh::multipath {

enum class Health {
    kOnline,
    kOffline,     ///< nothing gets through, and the kernel says so
    kUnnoticed,   ///< nothing gets through, and nobody knows yet; the next refresh() does
    kHanging,     ///< a command that timed out is still underway
    kOutOfReach,  ///< the guest's I/O gets through, and no command of ours
    kRemoved,     ///< not a path of this map, from the next refresh() on
};

/// A command that the logical unit was sent, or was meant to be sent.
struct Sent {
    std::size_t path = 0;  ///< number of the path in this simulation
    Cdb cdb;
    std::uint64_t key = 0, other_key = 0;  ///< of its parameter list
    PathAnswer answer = {};

    std::string to_string() const;
};

class SimulatedPaths : public Paths {
  public:
    SimulatedPaths(SimulatedLun& lun, Interruption& interruption, std::vector<Nexus> nexuses,
                   bool ports_known);

    std::size_t count() const override { return shown_.size(); }
    bool usable(std::size_t path) const override;
    std::vector<std::string> out_of_reach() override;
    std::string name(std::size_t path) const override;
    std::optional<PortPair> ports(std::size_t path) const override;
    PathAnswer send(std::size_t path, const PathCommand& command) override;
    std::vector<PathAnswer> send_all(std::span<const Sending> sendings) override;
    void refresh() override;
    void pause(std::chrono::milliseconds time) override { paused_ += time; }

    // From here on a path is known by its place in `nexuses`, whether the map has it or not.
    std::size_t size() const { return all_.size(); }
    const Nexus& nexus(std::size_t path) const { return all_.at(path).nexus; }
    static std::string device(std::size_t path) { return "8:" + std::to_string(16 * path); }
    Health health(std::size_t path) const { return all_.at(path).health; }
    bool online(std::size_t path) const { return health(path) == Health::kOnline; }
    void become(std::size_t path, Health health) { all_.at(path).health = health; }

    /// The commands since reset_log(), in the order in which the logical unit met them.
    const std::vector<Sent>& log() const { return log_; }
    void reset_log() {
        story_ += story_of_request();
        log_.clear();
        for (Path& path : all_) path.failed = false;
    }
    /// What was sent in all requests so far, a line each, if keep_story() was called.
    std::string story() const { return story_ + story_of_request(); }
    void keep_story() { keeps_story_ = true; }
    /// Lets `fault` happen to command number `number` of the log, once. Several may be planned.
    void fail(std::size_t number, const Fault& fault) { planned_.push_back({number, fault}); }
    /// The request is over: what was underway arrives, and hanging paths are well again.
    void settle();
    std::chrono::milliseconds paused() const { return paused_; }
    /// Whether a command of this request was lost on it.
    bool failed_a_command(std::size_t path) const { return all_.at(path).failed; }
    /// The order in which a simultaneous command reaches the logical unit.
    void reverse_simultaneous(bool reverse) { reverse_ = reverse; }

    /// Called before each command with its number: another host's turn.
    std::function<void(std::size_t number)> before_each_command = [](std::size_t) {};
    /// Called whenever the logical unit has executed something.
    std::function<void()> after_each_command = [] {};

  private:
    struct Path {
        Nexus nexus;
        Health health = Health::kOnline;
        bool failed = false;
    };
    struct Late {
        std::size_t path;
        Cdb cdb;
        std::vector<std::uint8_t> list;
    };
    struct Planned {
        std::size_t number;
        Fault fault;
    };

    std::size_t shown(std::size_t path) const { return shown_.at(path); }
    std::string story_of_request() const;
    PathAnswer execute(std::size_t path, const PathCommand& command);
    PathAnswer happens(const Fault& fault, std::size_t path, const PathCommand& command);
    void done_before(std::size_t path, const PathCommand& command);

    SimulatedLun& lun_;
    Interruption& interruption_;
    std::vector<Path> all_;
    std::vector<std::size_t> shown_;  ///< what the engine calls path i is all_[shown_[i]]
    bool ports_known_;
    bool reverse_ = false;
    std::vector<Sent> log_;
    bool keeps_story_ = false;
    std::string story_;
    std::vector<Planned> planned_;
    std::vector<Late> late_;
    std::chrono::milliseconds paused_{0};
};

}  // namespace prh::multipath
