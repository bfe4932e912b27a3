// SPDX-License-Identifier: MIT
// Persistent reservations on dm-multipath nodes: one engine for each map, over its real paths.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "device/descriptor_kind.h"
#include "device/reservation_device.h"
#include "multipath/couriers.h"
#include "multipath/engine.h"
#include "multipath/multipathd_client.h"
#include "multipath/multipathd_socket.h"
#include "multipath/path_set.h"
#include "multipath/path_watch.h"
#include "multipath/retry_thread.h"
#include "multipath/state_directory.h"
#include "observe/trace.h"

namespace prh {

struct MultipathSettings {
    EnginePolicy policy;
    PathSetSettings paths;
    PathWatchSettings watch;
    std::string sysfs = "/sys";
    std::string state_directory = kDefaultStateDirectory;
    MultipathdSocket::Settings multipathd;
};

class MultipathDevice final : public ReservationDevice {
  public:
    /// `report`: is told, in one line, what an administrator must know. Everything outlives this.
    MultipathDevice(MultipathSettings settings, Trace& trace, std::function<void(std::string_view)> report);
    ~MultipathDevice() override;

    /// To be called while the process has all the rights that it was started with: takes the state directory
    /// for the user that it becomes; and if that is not root, a connection to multipathd, which keeps root's
    /// standing there.
    void prepare_for(std::optional<uid_t> user);

    /// For descriptors of kind Multipath, opened for reading where the command is PERSISTENT RESERVE IN, else
    /// for writing. One command at a time for each map. No path can be opened -> 0B/08/00; none ever can ->
    /// 05/20/00.
    CommandResult execute(const ReservationCommand& command) override;
    void start() override { watch_.start(); }
    void client_left(const std::vector<std::string>& maps) override { watch_.look_after(maps); }
    std::vector<Dependency> dependencies() override { return {multipathd_.look()}; }

    std::size_t maps() const;

    static constexpr std::size_t kRemembered = 1024;  ///< maps; beyond that the idle ones are forgotten

  private:
    struct Map;
    /// Number and uuid: a map that is made anew under the same number is another one.
    using Name = std::pair<std::string, std::string>;

    /// Null: it is no such map (any more). An error: that cannot be told now.
    Result<std::shared_ptr<Map>> map_of(FdRef descriptor);
    void forget_some();
    std::optional<RetryThread::Clock::time_point> tell_untold();
    MultipathdClient::Outcome tell_late(Map& map, const std::string& uuid);
    PathWatch::Tended tend(const MultipathNode& node, const PathNews& news);
    std::shared_ptr<Map> known(const Name& name) const;
    template <class Work>
    CommandResult with(FdRef descriptor, Work work);

    const MultipathSettings settings_;
    Trace& trace_;
    const std::function<void(std::string_view)> report_;
    DescriptorClassifier classifier_;
    Couriers couriers_;
    MultipathdSocket multipathd_;
    StateDirectory state_;
    mutable std::mutex mutex_;
    std::map<Name, std::shared_ptr<Map>> maps_;
    std::chrono::steady_clock::time_point looked_for_gone_ = std::chrono::steady_clock::now();
    RetryThread retry_;
    PathWatch watch_;  // last: its thread uses all of this
};

}  // namespace prh
