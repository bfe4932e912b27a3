// SPDX-License-Identifier: MIT
// The real paths of a multipath map: SCSI disks, found in sysfs, each command on a thread of its own so that
// a path that hangs costs its deadline once and is then left alone.
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "device/sg_io.h"
#include "multipath/couriers.h"
#include "multipath/path.h"
#include "multipath/paths.h"
#include "multipath/sysfs_map.h"
#include "observe/trace.h"

namespace prh {

struct PathSetSettings {
    std::string dev = "/dev";
    /// How long a path has for a command before the kernel aborts it.
    std::chrono::milliseconds timeout{10'000};
    /// How much longer it is waited for: the abort takes its time.
    std::chrono::milliseconds grace{1'000};
    std::function<SgOutcome(FdRef, const SgCommand&, std::chrono::milliseconds)> send = send_sg_io;
    std::function<void(UniqueFd)> close = [](UniqueFd) {};  ///< a node; a test's disk may take its time
    decltype(Path::Broker::open) broker{};
};

class PathSet final : public Paths {
  public:
    /// `wwid`: what follows "mpath-" in the map's uuid. `report`: is told once of each set of disks that are
    /// below the map and cannot be used. Everything outlives this.
    PathSet(SysfsMap map, std::string wwid, PathSetSettings settings, Couriers& couriers, Trace& trace,
            std::function<void(std::string_view)> report);
    PathSet(const PathSet&) = delete;
    PathSet& operator=(const PathSet&) = delete;
    ~PathSet() override;  ///< does not wait for a disk

    std::size_t count() const override { return paths_.size(); }
    bool usable(std::size_t path) const override;
    std::vector<std::string> out_of_reach() override;
    std::string name(std::size_t path) const override { return paths_[path].number(); }
    std::optional<PortPair> ports(std::size_t path) const override { return paths_[path].ports(); }

    PathAnswer send(std::size_t path, const PathCommand& command) override;
    std::vector<PathAnswer> send_all(std::span<const Sending> sendings) override;

    /// A disk that is below the map is a path if it is the same logical unit as the others. It is one also
    /// while its node cannot be opened; it is not usable then.
    void refresh() override;
    void pause(std::chrono::milliseconds time) override;

    bool any_open() const;
    /// While it is quiet, what would be reported is kept for later.
    void be_quiet(bool quiet) { quiet_ = quiet; }
    /// The last refresh() could not see or open a path, for a reason that may pass by itself.
    bool is_hindered() const { return hindered_; }
    /// False: there are disks below the map, and each is refused for what it is.
    bool may_be_served() const { return may_be_served_; }

    /// From now on the names of the paths that commands of this operation code are sent down are added to
    /// `used`, each once; null: nobody wants to know.
    void note_use(std::uint8_t operation_code, std::vector<std::string>* used) {
        noted_ = operation_code;
        used_ = used;
    }

    /// A client's descriptor of this map, valid until the next call: what the broker of nodes goes by.
    /// Without one it is not asked.
    void lend(FdRef map) { lent_ = map; }

  private:
    Path::Broker broker() const;
    void forget_the_gone(const std::vector<std::string>& names);
    void let_go(std::span<Path> gone);
    void find_newcomers(const std::vector<std::string>& names);
    void sort_out_strangers(std::size_t known);
    void open_nodes();
    void complain();
    void complain_of_broker(const Path& path);
    void complain_of(const std::string& what, bool is_in_use);
    void note_error(int code);
    bool any_undecided() const;
    void note(const Path& path, const Cdb& cdb);

    const SysfsMap map_;
    const std::string wwid_;
    const PathSetSettings settings_;
    Couriers& couriers_;
    Trace& trace_;
    const std::function<void(std::string_view)> report_;
    std::vector<Path> paths_;
    std::vector<std::string> complaints_;    // of the refresh that is going on
    std::vector<std::string> out_of_reach_;  // the same; those that the map can use
    bool rights_are_missing_ = false;
    bool hindered_ = false;
    int error_ = 0;           // the last one of the refresh that is going on that may pass by itself
    std::string complained_;  // what was reported last
    bool quiet_ = false;
    bool may_be_served_ = true;
    FdRef lent_;
    std::uint8_t noted_ = 0;  // operation code
    std::vector<std::string>* used_ = nullptr;
};

}  // namespace prh
