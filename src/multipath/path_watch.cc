// SPDX-License-Identifier: MIT
#include "multipath/path_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/errno.h"
#include "multipath/record_store.h"

namespace prh {
namespace {

/// Threads that may be with paths at the same time.
constexpr std::size_t kProbes = 64;
/// Maps that a quick look tries again, so that an array that refuses everything costs little.
constexpr std::size_t kTriedSoon = 8;

std::size_t unanswered(const std::vector<std::shared_ptr<PathProbe>>& probes) {
    return static_cast<std::size_t>(std::ranges::count_if(
        probes, [](const auto& probe) { return probe->answer() == PathProbe::Answer::None; }));
}

}  // namespace

PathWatch::PathWatch(PathWatchSettings settings, PathSetSettings paths, std::string sysfs,
                     StateDirectory& state, Couriers& couriers, std::function<void(std::string_view)> report,
                     Tend tend)
    : settings_(settings),
      paths_(std::move(paths)),
      sysfs_(std::move(sysfs)),
      state_(state),
      couriers_(couriers),
      report_(std::move(report)),
      tend_(std::move(tend)) {}

void PathWatch::start() {
    {
        const std::lock_guard lock(mutex_);
        may_start_ = true;
    }
    const auto records = list();
    if (records)
        for (const RecordFile& record : *records) from_before_.insert(record.name);
    all_from_before_ = !records;
    if (!records || !records->empty()) wake();
}

Result<std::vector<RecordFile>> PathWatch::list() const {
    const auto directory = state_.find();
    if (!directory) return tl::unexpected<Error>(directory.error());
    return *directory ? list_records((*directory)->ref()) : std::vector<RecordFile>();
}

void PathWatch::wake() {
    if (!sleeping_) return;
    const std::lock_guard lock(mutex_);
    if (!may_start_ || ending_) return;
    woken_ = true;
    if (!thread_.joinable()) {
        try {
            thread_ = std::thread([this] { run(); });
        } catch (const std::system_error&) {  // there is no thread to be had now; the next wake() tries again
        }
    }
    changed_.notify_all();
}

void PathWatch::look_after(const std::vector<std::string>& maps) {
    const std::lock_guard lock(mutex_);
    if (!thread_.joinable()) return;  // there was never a record
    left_.insert(left_.end(), maps.begin(), maps.end());
    changed_.notify_all();
}

void PathWatch::stop() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool PathWatch::is_ending() const {
    const std::lock_guard lock(mutex_);
    return ending_;
}

void PathWatch::run() {
    std::unique_lock lock(mutex_);
    while (!ending_) {
        sleeping_ = false;
        woken_ = false;
        lock.unlock();
        const bool watches = look();
        lock.lock();
        // A record that is saved from here on wakes.
        sleeping_ = !watches;
        const auto is_wanted = [&] { return ending_ || !left_.empty() || (!watches && woken_); };
        if (!watches) changed_.wait(lock, is_wanted);
        const auto next = Clock::now() + settings_.period;
        while (watches && !is_wanted() && Clock::now() < next) {
            changed_.wait_until(lock, std::min(next, Clock::now() + until_quick_look()), is_wanted);
            if (is_wanted() || Clock::now() >= next) break;
            lock.unlock();
            quick_look();
            lock.lock();
        }
    }
}

/// False: there is nothing to be watched.
bool PathWatch::look() {
    unreadable_ = false;
    read_records();
    heed_requests();
    find_maps();
    std::vector<Entry*> due;
    for (auto& [name, entry] : entries_) {
        look_at_paths(entry);
        if (is_due(entry)) due.push_back(&entry);
    }
    serve(due);
    if (!unreadable_) told_unreadable_ = false;
    return std::ranges::any_of(entries_, [](const auto& entry) { return entry.second.is_watched(); }) ||
           unreadable_;
}

PathWatch::Clock::duration PathWatch::until_quick_look() const {
    const bool is_wanted = std::ranges::any_of(entries_, [](const auto& known) {
        const Entry& entry = known.second;
        return entry.map && (entry.soon || entry.map->any_away());
    });
    // Where thousands of paths are away, reading their states takes 5 % of a processor and not more.
    constexpr int kRest = 19;
    return is_wanted ? std::max<Clock::duration>(settings_.quick_period, kRest * quick_took_)
                     : settings_.period;
}

/// Between two looks: reads the states of the paths that are away, which are open, and tries again what is to
/// be tried soon. What is new, or is lost, the next look sees.
void PathWatch::quick_look() {
    const auto begun = Clock::now();
    std::vector<Entry*> due;
    std::size_t soon = 0;
    for (auto& [name, entry] : entries_) {
        if (!entry.map) continue;
        const bool returned = entry.map->any_returned();
        if (returned) look_at_paths(entry);
        if (is_due(entry) && (returned || (entry.soon && ++soon <= kTriedSoon))) due.push_back(&entry);
    }
    quick_took_ = Clock::now() - begun;
    serve(due);
}

void PathWatch::serve(const std::vector<Entry*>& due) {
    probe(due);
    for (Entry* const entry : due)
        if (!is_ending()) tend(*entry);
}

void PathWatch::read_records() {
    const auto directory = state_.find();
    if (!directory) return report_unreadable(directory.error());
    if (!*directory) return entries_.clear();
    const auto files = list_records((*directory)->ref());
    if (!files) return report_unreadable(files.error());
    std::erase_if(entries_, [&](const auto& entry) {
        return !std::ranges::binary_search(*files, entry.first, {}, &RecordFile::name);
    });
    for (const RecordFile& file : *files) {
        const auto known = entries_.find(file.name);
        if (known != entries_.end() && known->second.file == file) continue;
        auto record = peek_at_record((*directory)->ref(), file.name);
        if (!record) {  // the next look reads it
            report_unreadable(record.error());
            continue;
        }
        Entry& entry = entries_[file.name];
        if (known == entries_.end()) entry.asked = from_before_.erase(file.name) != 0 || all_from_before_;
        if (!entry.node) entry.not_before = next_search_ = {};
        entry.record = *std::move(record);
        entry.file = file;
        if (!entry.is_watched()) entry.map.reset();
    }
    all_from_before_ = all_from_before_ && unreadable_;
}

/// A map may come later than its record, or be made anew under another number.
void PathWatch::find_maps() {
    const bool wanted = std::ranges::any_of(
        entries_, [](const auto& entry) { return entry.second.is_watched() && !entry.second.node; });
    const auto now = Clock::now();
    if (!wanted || now < next_search_) return;
    auto maps = multipath_maps(sysfs_);
    if (!maps) return report_unreadable(maps.error());
    next_search_ = now + settings_.search;
    for (MultipathNode& node : *maps) {
        const auto entry = entries_.find(FileRecordStore::file_name(node.uuid));
        if (entry == entries_.end() || entry->second.node) continue;
        entry->second.node = std::move(node);
        entry->second.map.reset();
    }
}

void PathWatch::heed_requests() {
    std::vector<std::string> left;
    {
        const std::lock_guard lock(mutex_);
        left.swap(left_);
    }
    for (auto& [name, entry] : entries_) {
        if (!entry.node || std::ranges::count(left, entry.node->number) == 0) continue;
        entry.asked = true;
        entry.not_before = {};
    }
}

void PathWatch::look_at_paths(Entry& entry) {
    if (!entry.node || !entry.is_watched()) return;
    const bool is_first = !entry.map;
    if (is_first) entry.map.emplace(SysfsMap(sysfs_, entry.node->number));
    entry.is_fresh = entry.is_fresh || is_first;
    const WatchedMap::Look look = entry.map->look();
    if (!look.complete) {
        report_unreadable(look.complete.error());
        if (is_first) return entry.map.reset();
    }
    if (!look.changed) return;
    entry.changed = true;
    entry.not_before = {};
    entry.rest = {};
}

/// Paths that are running and may lack what is ours, or have what is not.
std::vector<WatchedMap::Path> PathWatch::doubtful(const Entry& entry) const {
    std::vector<WatchedMap::Path> paths = entry.map->running();
    std::erase_if(paths, [&](const WatchedMap::Path& path) {
        return !path.unsure && std::ranges::count(entry.record->missed, path.number) == 0;
    });
    return paths;
}

bool PathWatch::is_due(const Entry& entry) const {
    if (!entry.map || !entry.is_watched() || Clock::now() < entry.not_before) return false;
    return entry.asked || entry.changed || entry.is_fresh ||
           (entry.is_begun() && !entry.map->running().empty()) || !doubtful(entry).empty();
}

/// A command that a path does not answer holds up its map for --path-timeout. So whether it answers is found
/// out before, while nobody waits. What has not answered in half a period is asked after at the next look.
void PathWatch::probe(const std::vector<Entry*>& entries) {
    std::size_t outstanding = 0;
    for (auto& [name, entry] : entries_) outstanding += unanswered(entry.probes);
    std::vector<Couriers::Job> jobs;
    const auto go = [&] { couriers_.run(std::exchange(jobs, {}), Clock::now() + settings_.period / 2); };
    for (Entry* const entry : entries) {
        // Those that were answered were of an earlier look.
        std::erase_if(entry->probes,
                      [](const auto& probe) { return probe->answer() != PathProbe::Answer::None; });
        for (const WatchedMap::Path& path : doubtful(*entry)) {
            const auto is_of_it = [&](const auto& probe) { return probe->number() == path.number; };
            if (std::ranges::any_of(entry->probes, is_of_it) || outstanding + jobs.size() >= 2 * kProbes)
                continue;
            entry->probes.push_back(std::make_shared<PathProbe>(path.name, path.number));
            jobs.push_back(PathProbe::job(entry->probes.back(), paths_));
            if (jobs.size() == kProbes) go();
        }
    }
    if (!jobs.empty()) go();
}

void PathWatch::tend(Entry& entry) {
    PathNews news;
    std::vector<std::string> alive;
    bool hangs = false;
    bool is_worth_it = entry.asked || entry.changed || entry.is_fresh || entry.is_begun();
    for (const WatchedMap::Path& path : doubtful(entry)) {
        const auto probe = std::ranges::find(entry.probes, path.number, &PathProbe::number);
        const auto answer = probe == entry.probes.end() ? PathProbe::Answer::None : (*probe)->answer();
        if (answer == PathProbe::Answer::Shortage)
            report_unreadable({fmt::format("{}: {}", path.name, std::strerror(EMFILE)), EMFILE});
        if (answer == PathProbe::Answer::None || (probe != entry.probes.end() && (*probe)->took_long()))
            hangs = true;
        if (path.unsure) news.unsure.push_back(path.number);
        const bool speaks = answer == PathProbe::Answer::Alive || answer == PathProbe::Answer::NoNode;
        (speaks ? alive : news.silent).push_back(path.number);
        is_worth_it = is_worth_it || speaks;
    }
    const bool was_doubtful = !alive.empty() || !news.silent.empty();
    news.is_first = entry.is_fresh && !entry.asked && !entry.changed && !entry.is_begun() && !was_doubtful;
    entry.soon = true;
    Tended tended = Tended::Done;
    if (is_worth_it) {
        tended = tend_(*entry.node, news);
        if (tended == Tended::Busy) return;
        entry.asked = entry.changed = entry.is_fresh = false;
        entry.map->settle(alive);
    }
    // A path that refuses at once costs nothing, and is asked again at the next quick look.
    entry.soon = was_doubtful && !hangs && !is_worth_it;
    if (hangs || tended == Tended::Unfinished || (is_worth_it && was_doubtful)) rest(entry);
    if (tended != Tended::Absent) return;
    entry.node.reset();  // another map may have its number now
    entry.map.reset();
    entry.asked = true;
    entry.not_before = Clock::now() + settings_.longest_rest;
}

/// Doubled each time, until the kernel says something new of a path.
void PathWatch::rest(Entry& entry) const {
    entry.rest = std::clamp(2 * entry.rest, settings_.period, settings_.longest_rest);
    entry.not_before = Clock::now() + entry.rest;
}

void PathWatch::report_unreadable(const Error& error) {
    unreadable_ = true;
    if (std::exchange(told_unreadable_, true)) return;
    report_(
        fmt::format("the paths of multipath maps cannot be watched now: {}; a path that returns is "
                    "registered later{}",
                    error.message, remedy_of(error.code)));
}

}  // namespace prh
