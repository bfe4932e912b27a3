// SPDX-License-Identifier: MIT
// One thread that watches the paths of the maps that have a record of ours, and lets a map's engine bring
// them into line as soon as one returns, comes, or is lost: no request is waited for, nor multipathd. What
// was begun and not ended, by this process or by one that died, is completed or undone so too.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "device/descriptor_kind.h"
#include "multipath/couriers.h"
#include "multipath/engine.h"
#include "multipath/path_probe.h"
#include "multipath/record_list.h"
#include "multipath/state_directory.h"
#include "multipath/watched_map.h"

namespace prh {

struct PathWatchSettings {
    std::chrono::milliseconds period{500};  ///< between two looks
    /// Between two quick looks, which there are while a path is away: multipathd takes a path back as soon as
    /// its checker finds that it answers. Longer where one takes more than a twentieth of this.
    std::chrono::milliseconds quick_period{50};
    /// The longest until a path that hangs, or cannot be brought into line, is tried again: it begins with a
    /// period and is doubled each time.
    std::chrono::milliseconds longest_rest{30'000};
    std::chrono::milliseconds search{10'000};  ///< between two searches for the map of a record that has none
};

class PathWatch {
  public:
    using Clock = std::chrono::steady_clock;
    enum class Tended {
        Done,
        Busy,        ///< a request or another process is with the map: soon again
        Unfinished,  ///< there is something left to do
        Absent,      ///< it is no such map any more, or not for this program
    };
    using Tend = std::function<Tended(const MultipathNode&, const PathNews&)>;

    /// Everything outlives this. `tend` brings a map into line; called by the watch's thread.
    PathWatch(PathWatchSettings settings, PathSetSettings paths, std::string sysfs, StateDirectory& state,
              Couriers& couriers, std::function<void(std::string_view)> report, Tend tend);
    PathWatch(const PathWatch&) = delete;
    PathWatch& operator=(const PathWatch&) = delete;
    ~PathWatch() { stop(); }

    /// From now on threads may be started. There is none before there is a record.
    void start();
    void stop();  ///< waits for what is being done
    /// There may be a record now.
    void wake();
    /// The client is gone that was registered with these maps ("254:3").
    void look_after(const std::vector<std::string>& maps);

  private:
    struct Entry {
        RecordFile file;
        std::optional<MapRecord> record;  // a hint
        std::optional<MultipathNode> node{};
        std::optional<WatchedMap> map{};
        bool asked = false;  // to be tended whatever its paths do
        bool changed = false;
        bool is_fresh = false;  // it is watched from now on
        bool soon = false;  // somebody else was with it, or a path refused at once: the next quick look tries
        Clock::time_point not_before{};
        std::chrono::milliseconds rest{};
        std::vector<std::shared_ptr<PathProbe>> probes{};

        bool is_begun() const {
            return record && (record->swap || record->leaving || !record->trying.is_zero());
        }
        bool is_watched() const {
            return record && (is_begun() || !record->key.is_zero() || !record->missed.empty() ||
                              !record->stale.empty());
        }
    };

    void run();
    bool look();
    Clock::duration until_quick_look() const;
    void quick_look();
    void serve(const std::vector<Entry*>& due);
    Result<std::vector<RecordFile>> list() const;
    void read_records();
    void find_maps();
    void heed_requests();
    void look_at_paths(Entry& entry);
    std::vector<WatchedMap::Path> doubtful(const Entry& entry) const;
    bool is_due(const Entry& entry) const;
    void probe(const std::vector<Entry*>& entries);
    void tend(Entry& entry);
    void rest(Entry& entry) const;
    void report_unreadable(const Error& error);
    bool is_ending() const;

    const PathWatchSettings settings_;
    const PathSetSettings paths_;
    const std::string sysfs_;
    StateDirectory& state_;
    Couriers& couriers_;
    const std::function<void(std::string_view)> report_;
    const Tend tend_;

    std::set<std::string> from_before_;  // records that were there at the start, and not looked at yet
    bool all_from_before_ = false;  // those could not be listed: all that are found first are taken for it
    std::map<std::string, Entry> entries_;  // by the record's file; the thread's own, as what follows
    Clock::time_point next_search_{};
    Clock::duration quick_took_{};  // the last quick look, without what came of it
    bool unreadable_ = false;       // something of what is watched, in this look
    bool told_unreadable_ = false;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool may_start_ = false;
    bool ending_ = false;
    bool woken_ = false;
    std::vector<std::string> left_;  // maps whose client is gone
    std::atomic<bool> sleeping_ = true;
    std::thread thread_;
};

}  // namespace prh
