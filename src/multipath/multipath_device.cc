// SPDX-License-Identifier: MIT
#include "multipath/multipath_device.h"

#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/errno.h"
#include "multipath/record_store.h"

namespace prh {
namespace {

constexpr std::chrono::seconds kLookForGone{30};  // their disks stay open until then

std::uint64_t random_bits() {
    std::uint64_t bits = 0;
    // Cannot fail: fewer than 256 bytes are never cut short, and the pool was filled long ago (getrandom(2)).
    PRH_CHECK(::getrandom(&bits, sizeof bits, 0) == sizeof bits);
    return bits & 0xFFFFFFFFFFFF;
}

/// A client's descriptor is its own again when the request ends.
class Loan {
  public:
    Loan(PathSet& paths, FdRef map) : paths_(paths) { paths_.lend(map); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    ~Loan() { paths_.lend({}); }

  private:
    PathSet& paths_;
};

}  // namespace

struct MultipathDevice::Map {
    Map(MultipathDevice& device, const MultipathNode& node)
        : sysfs(device.settings_.sysfs, node.number),
          paths(sysfs, node.uuid.substr(kMultipathUuid.size()), device.settings_.paths, device.couriers_,
                device.trace_, device.report_),
          manager(device.multipathd_, sysfs, device.report_, [&device] { device.retry_.wake(); }),
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
    std::string said_that_none_opens;
    bool is_used = false;  // by a client of ours
};

MultipathDevice::MultipathDevice(MultipathSettings settings, Trace& trace,
                                 std::function<void(std::string_view)> report)
    : settings_(std::move(settings)),
      trace_(trace),
      report_(std::move(report)),
      classifier_(settings_.sysfs),
      multipathd_(settings_.multipathd),
      state_(settings_.state_directory, report_),
      retry_(settings_.multipathd.rest, [this] { return tell_untold(); }),
      watch_(settings_.watch, settings_.paths, settings_.sysfs, state_, couriers_, report_,
             [this](const MultipathNode& node, const PathNews& news) { return tend(node, news); }) {}

MultipathDevice::~MultipathDevice() {
    multipathd_.stop();
    watch_.stop();
}

void MultipathDevice::prepare_for(std::optional<uid_t> user) {
    state_.prepare_for(user.value_or(::geteuid()));
    if (user && *user != 0) multipathd_.connect();
}

CommandResult MultipathDevice::execute(const ReservationCommand& command) {
    return with(command.descriptor, [&](Map& map) {
        const bool cleans_up = command.cdb.is_clean_up();
        map.paths.note_use(cleans_up ? kPersistentReserveOut : command.cdb.opcode(), command.paths_used);
        const CommandResult result =
            cleans_up ? map.engine.clean_up()
                      : map.engine.execute(command.cdb, command.parameter_list, command.data_in);
        map.paths.note_use(command.cdb.opcode(), nullptr);
        if (command.cdb.is_persistent_reserve_out()) watch_.wake();
        return result;
    });
}

template <class Work>
CommandResult MultipathDevice::with(FdRef descriptor, Work work) {
    const Result<std::shared_ptr<Map>> found = map_of(descriptor);
    if (!found) {
        report_(
            fmt::format("device {}: a persistent reservation command fails: the multipath map cannot be "
                        "identified: {}{}",
                        device_number(descriptor), found.error().message, remedy_of(found.error().code)));
        return CommandResult::check_condition(sense::kCommunicationFailure);
    }
    const std::shared_ptr<Map>& map = *found;
    if (!map) return CommandResult::check_condition(sense::kInvalidOpcode);  // it is no such map any more
    const std::lock_guard lock(map->mutex);
    map->manager.begin_request();
    const Loan loan(map->paths, descriptor);
    map->is_used = true;
    map->paths.be_quiet(false);
    map->paths.refresh();
    if (map->paths.any_open()) {
        map->said_that_none_opens.clear();
        return work(*map);
    }
    const bool may_be_served = map->paths.may_be_served();
    const char* const what =
        may_be_served ? "no path can be opened; commands of guests fail"
                      : "none of its disks can be served; commands of guests are refused (05/20/00)";
    if (std::exchange(map->said_that_none_opens, what) != what)
        report_(fmt::format("multipath map {}: {}", map->sysfs.title(), what));
    return CommandResult::check_condition(may_be_served ? sense::kCommunicationFailure
                                                        : sense::kInvalidOpcode);
}

/// A request never waits for another map's, nor for more than one command of a path that hangs: where one is
/// with the map, this comes another time.
PathWatch::Tended MultipathDevice::tend(const MultipathNode& node, const PathNews& news) {
    const Name name{node.number, node.uuid};
    auto map = known(name);
    if (!map) map = std::make_shared<Map>(*this, node);
    const auto is_map = map->sysfs.is_map(node.uuid);
    if (!is_map) return PathWatch::Tended::Busy;
    if (!*is_map) return PathWatch::Tended::Absent;
    const std::unique_lock lock(map->mutex, std::try_to_lock);
    if (!lock.owns_lock()) return PathWatch::Tended::Busy;
    map->manager.begin_request();
    // The record may be of another helper of this host, whose disks are none of this one's business; and what
    // the broker opens for a client is out of reach without one.
    map->paths.be_quiet(!map->is_used || settings_.paths.broker);
    map->paths.refresh();
    // A path that could not be seen or opened now may be the one that returned.
    const bool hindered = map->paths.is_hindered();
    if (!map->paths.any_open()) return hindered ? PathWatch::Tended::Busy : PathWatch::Tended::Absent;
    {
        const std::lock_guard maps(mutex_);
        if (maps_.emplace(name, map).first->second != map) return PathWatch::Tended::Busy;
    }
    switch (map->engine.tend(news)) {
        case Engine::Tended::Done: return hindered ? PathWatch::Tended::Busy : PathWatch::Tended::Done;
        case Engine::Tended::Later: return PathWatch::Tended::Busy;
        case Engine::Tended::Unfinished: break;
    }
    return PathWatch::Tended::Unfinished;
}

std::shared_ptr<MultipathDevice::Map> MultipathDevice::known(const Name& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = maps_.find(name);
    return found == maps_.end() ? nullptr : found->second;
}

Result<std::shared_ptr<MultipathDevice::Map>> MultipathDevice::map_of(FdRef descriptor) {
    const auto found = classifier_.multipath_below(descriptor);
    if (!found) return tl::unexpected<Error>(found.error());
    const auto& node = *found;
    if (!node) return nullptr;
    const Name name{node->number, node->uuid};
    std::shared_ptr<Map> map;
    bool looks_for_gone = false;
    {
        const std::lock_guard lock(mutex_);
        const auto known = maps_.find(name);
        looks_for_gone =
            known == maps_.end() || std::chrono::steady_clock::now() - looked_for_gone_ > kLookForGone;
        if (looks_for_gone) looked_for_gone_ = std::chrono::steady_clock::now();
        map = known == maps_.end() ? std::make_shared<Map>(*this, *node) : known->second;
        if (known == maps_.end()) maps_.emplace(name, map);
    }
    if (looks_for_gone) forget_some();
    return map;
}

/// The maps that are no more; and, when there are too many, those that nobody waits for. They end when no
/// lock is held: other maps wait for that lock.
void MultipathDevice::forget_some() {
    std::vector<std::shared_ptr<Map>> forgotten;
    std::vector<std::pair<Name, std::shared_ptr<Map>>> all;
    {
        const std::lock_guard lock(mutex_);
        all.assign(maps_.begin(), maps_.end());
    }
    std::erase_if(
        all, [](const auto& entry) { return entry.second->sysfs.is_map(entry.first.second).value_or(true); });
    const std::lock_guard lock(mutex_);
    for (auto& [name, map] : all) {
        if (const auto known = maps_.find(name); known != maps_.end() && known->second == map)
            maps_.erase(known);
        forgotten.push_back(std::move(map));
    }
    for (auto entry = maps_.begin(); entry != maps_.end() && maps_.size() > kRemembered;) {
        if (entry->second.use_count() != 1 || entry->second->manager.has_untold()) {
            ++entry;
            continue;
        }
        forgotten.push_back(std::move(entry->second));
        entry = maps_.erase(entry);
    }
}

/// What multipathd missed about any map. Its number may be another map's by now, which is not ours to tell
/// of.
std::optional<RetryThread::Clock::time_point> MultipathDevice::tell_untold() {
    std::vector<std::pair<std::string, std::shared_ptr<Map>>> maps;  // with their uuids
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [name, map] : maps_)
            if (map->manager.has_untold()) maps.emplace_back(name.second, map);
    }
    std::optional<RetryThread::Clock::time_point> next;
    for (const auto& [uuid, map] : maps) {
        MultipathdClient::Outcome outcome{RetryThread::Clock::now() + settings_.multipathd.rest};
        if (map->sysfs.is_map(uuid).value_or(false)) outcome = tell_late(*map, uuid);
        if (outcome.again && (!next || *outcome.again < *next)) next = outcome.again;
        if (outcome.silent) break;
    }
    return next;
}

/// What was untold may be old by now: another helper of this host may have changed the record. So the record
/// is read afresh, and again afterwards. Its lock is not held while multipathd is waited for: requests want
/// it.
MultipathdClient::Outcome MultipathDevice::tell_late(Map& map, const std::string& uuid) {
    constexpr int kAtMost = 4;  // changes meanwhile; then later
    const auto later = [&] {
        return MultipathdClient::Outcome{RetryThread::Clock::now() + settings_.multipathd.rest};
    };
    const auto directory = state_.find();
    if (!directory) return later();
    // What is not kept only the engine knows, and no other helper.
    if (!*directory || !map.store.is_kept()) return map.manager.tell_untold();
    FileRecordStore store(state_, uuid, map.sysfs.title(), report_);  // a lock of this thread's own
    std::optional<MapRecord> told;
    for (int i = 0; i <= kAtMost; ++i) {
        if (!store.try_lock()) return later();
        const auto found = store.load();
        store.unlock();
        if (!found) return later();
        const MapRecord record = found->value_or(MapRecord{});
        if (told == record) return {};
        const auto key =
            record.key.is_zero() ? std::nullopt : std::optional(PathManager::Key{record.key, record.aptpl});
        if (told)
            map.manager.repeat(key, record.holding);
        else
            map.manager.correct(key, record.holding);
        const MultipathdClient::Outcome outcome = map.manager.tell_untold();
        if (outcome.again) return outcome;
        told = record;
    }
    return later();
}

std::size_t MultipathDevice::maps() const {
    const std::lock_guard lock(mutex_);
    return maps_.size();
}

}  // namespace prh
