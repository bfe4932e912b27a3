// SPDX-License-Identifier: MIT
#include "multipath/multipath_device.h"

#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/check.h"
#include "multipath/multipathd_client.h"
#include "multipath/record_store.h"

namespace prh {
namespace {

constexpr std::string_view kUuidPrefix = "mpath-";
constexpr std::chrono::seconds kLookForGone{30};  // their disks stay open until then

std::uint64_t random_bits() {
    std::uint64_t bits = 0;
    // Cannot fail: fewer than 256 bytes are never cut short, and the pool was filled long ago (getrandom(2)).
    PRH_CHECK(::getrandom(&bits, sizeof bits, 0) == sizeof bits);
    return bits & 0xFFFFFFFFFFFF;
}

}  // namespace

struct MultipathDevice::Map {
    Map(MultipathDevice& device, const MultipathNode& node)
        : sysfs(device.settings_.sysfs, node.number),
          paths(sysfs, node.uuid.substr(kUuidPrefix.size()), device.settings_.paths, device.couriers_,
                device.trace_, device.report_),
          manager(device.multipathd_, sysfs, device.report_),
          store(device.state_, node.uuid, sysfs.title(), device.report_),
          engine({paths, manager, store, random_bits,
                  [report = device.report_, title = sysfs.title()](std::string_view text) {
                      report(fmt::format("multipath map {}: {}", title, text));
                  }},
                 device.settings_.policy) {}

    std::mutex mutex;  // one request at a time
    const SysfsMap sysfs;
    PathSet paths;
    MultipathdClient manager;
    FileRecordStore store;
    Engine engine;
    bool said_that_none_opens = false;
};

MultipathDevice::MultipathDevice(MultipathSettings settings, Trace& trace,
                                 std::function<void(std::string_view)> report)
    : settings_(std::move(settings)),
      trace_(trace),
      report_(std::move(report)),
      classifier_(settings_.sysfs),
      multipathd_(settings_.multipathd),
      state_(settings_.state_directory, report_) {}

MultipathDevice::~MultipathDevice() = default;

void MultipathDevice::prepare_for(std::optional<uid_t> user) {
    state_.prepare_for(user.value_or(::geteuid()));
    if (user && *user != 0) multipathd_.connect();
}

CommandResult MultipathDevice::execute(const ReservationCommand& command) {
    return with(command.descriptor, [&](Map& map) {
        map.paths.note_use(command.cdb.opcode(), command.paths_used);
        const CommandResult result = map.engine.execute(command.cdb, command.parameter_list, command.data_in);
        map.paths.note_use(command.cdb.opcode(), nullptr);
        return result;
    });
}

CommandResult MultipathDevice::clean_up(FdRef descriptor) {
    return with(descriptor, [](Map& map) { return map.engine.clean_up(); });
}

template <class Work>
CommandResult MultipathDevice::with(FdRef descriptor, Work work) {
    const std::shared_ptr<Map> map = map_of(descriptor);
    if (!map) return CommandResult::check_condition(sense::kInvalidOpcode);  // it is no such map any more
    const std::lock_guard lock(map->mutex);
    map->paths.refresh();
    if (map->paths.any_open()) {
        map->said_that_none_opens = false;
        return work(*map);
    }
    if (!std::exchange(map->said_that_none_opens, true))
        report_(fmt::format("multipath map {}: no path can be opened; commands of guests fail",
                            map->sysfs.title()));
    return CommandResult::check_condition(sense::kCommunicationFailure);
}

std::shared_ptr<MultipathDevice::Map> MultipathDevice::map_of(FdRef descriptor) {
    const auto node = classifier_.multipath_below(descriptor);
    if (!node) return nullptr;
    const std::lock_guard lock(mutex_);
    const Name name{node->number, node->uuid};
    const auto known = maps_.find(name);
    const bool is_new = known == maps_.end();
    std::shared_ptr<Map> map = is_new ? std::make_shared<Map>(*this, *node) : known->second;
    if (is_new) maps_.emplace(name, map);
    if (is_new || std::chrono::steady_clock::now() - looked_for_gone_ > kLookForGone) forget_some();
    return map;
}

/// The maps that are no more; and, when there are too many, those that nobody waits for.
void MultipathDevice::forget_some() {
    looked_for_gone_ = std::chrono::steady_clock::now();
    std::erase_if(maps_, [&](const auto& entry) { return entry.second->sysfs.uuid() != entry.first.second; });
    for (auto entry = maps_.begin(); entry != maps_.end() && maps_.size() > kRemembered;)
        entry = entry->second.use_count() == 1 ? maps_.erase(entry) : std::next(entry);
}

std::size_t MultipathDevice::maps() const {
    const std::lock_guard lock(mutex_);
    return maps_.size();
}

}  // namespace prh
