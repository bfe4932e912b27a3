// SPDX-License-Identifier: MIT
#include "multipath/path_set.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "base/errno.h"
#include "device/probes.h"
#include "scsi/names.h"

namespace prh {
namespace {

/// A command with bytes of its own, so that it may be answered when nobody listens any more.
struct Errand {
    std::shared_ptr<Path::Node> node;
    DeviceNumber device;
    Cdb cdb;
    std::vector<std::uint8_t> parameter_list;
    std::vector<std::uint8_t> data_in;
    SgOutcome outcome;
};

Delivery delivery_of(SgDelivery delivery) {
    switch (delivery) {
        case SgDelivery::Answered: return Delivery::Answered;
        case SgDelivery::Unreachable: return Delivery::Unreachable;
        case SgDelivery::TimedOut: return Delivery::TimedOut;
    }
    return Delivery::Unreachable;
}

PathAnswer unreachable() {
    return {Delivery::Unreachable, CommandResult::check_condition(sense::kCommunicationFailure)};
}

/// As DID_TIME_OUT is answered (device/sg_result.cc).
PathAnswer no_answer() {
    return {Delivery::TimedOut, CommandResult::check_condition({SenseKey::AbortedCommand, 0x2E, 0x02})};
}

std::string_view word(Delivery delivery) {
    switch (delivery) {
        case Delivery::Answered: return "answered";
        case Delivery::Unreachable: return "unreachable";
        case Delivery::TimedOut: return "timed out";
    }
    return "";
}

constexpr std::chrono::milliseconds kBlockedPause{20};

/// Where sysfs shows no state, nobody can tell that the map does not use it.
bool may_be_in_use(const SysfsDisk& disk) {
    const UniqueFd state = disk.state();
    if (!state.valid()) return true;
    const DiskState now = disk_state(state.ref());
    return now != DiskState::Away && now != DiskState::Gone;
}

}  // namespace

PathSet::PathSet(SysfsMap map, std::string wwid, PathSetSettings settings, Couriers& couriers, Trace& trace,
                 std::function<void(std::string_view)> report)
    : map_(std::move(map)),
      wwid_(std::move(wwid)),
      settings_(std::move(settings)),
      couriers_(couriers),
      trace_(trace),
      report_(std::move(report)) {}

PathSet::~PathSet() { let_go(paths_); }

bool PathSet::usable(std::size_t path) const {
    const Path& it = paths_[path];
    return it.is_open() && !it.node()->busy && it.is_running();
}

PathAnswer PathSet::send(std::size_t path, const PathCommand& command) {
    const Sending sending{path, command};
    return send_all({&sending, 1})[0];
}

std::vector<PathAnswer> PathSet::send_all(std::span<const Sending> sendings) {
    std::vector<PathAnswer> answers(sendings.size(), unreachable());
    std::vector<std::shared_ptr<Errand>> errands;
    std::vector<std::size_t> of_sending;  // which sending an errand is for
    std::vector<Couriers::Job> jobs;
    for (std::size_t i = 0; i < sendings.size(); ++i) {
        const PathCommand& command = sendings[i].command;
        const Path& path = paths_[sendings[i].path];
        if (trace_.on(TraceEvent::DeviceCommand))
            trace_.emit(TraceEvent::DeviceCommand, "device={} {}", path.number(), to_string(command.cdb));
        if (!path.is_open() || path.node()->busy.exchange(true)) continue;
        note(path, command.cdb);
        const auto errand = std::make_shared<Errand>();
        errand->node = path.node();
        errand->device = path.device();
        errand->cdb = command.cdb;
        errand->parameter_list.assign(command.parameter_list.begin(), command.parameter_list.end());
        errand->data_in.resize(command.data_in.size());
        errands.push_back(errand);
        of_sending.push_back(i);
        probe::device_command(errand.get(), errand->device, errand->cdb);
        jobs.push_back([errand, send = settings_.send, timeout = settings_.timeout] {
            errand->outcome = send(errand->node->descriptor.ref(),
                                   {errand->cdb, errand->parameter_list, errand->data_in}, timeout);
            probe::device_result(errand.get(), errand->device, errand->outcome.result);
            errand->node->busy = false;
        });
    }
    const auto begun = Couriers::Clock::now();
    const std::vector<bool> ended =
        couriers_.run(std::move(jobs), begun + settings_.timeout + settings_.grace);

    for (std::size_t i = 0; i < errands.size(); ++i) {
        PathAnswer& answer = answers[of_sending[i]];
        const MutableBytes data_in = sendings[of_sending[i]].command.data_in;
        if (!ended[i]) {
            answer = no_answer();
            continue;
        }
        answer = {delivery_of(errands[i]->outcome.delivery), errands[i]->outcome.result};
        std::copy_n(errands[i]->data_in.begin(), answer.result.data_length, data_in.begin());
    }
    if (!trace_.on(TraceEvent::DeviceResult)) return answers;
    const auto taken = std::chrono::duration_cast<std::chrono::microseconds>(Couriers::Clock::now() - begun);
    for (std::size_t i = 0; i < sendings.size(); ++i)
        trace_.emit(TraceEvent::DeviceResult, "device={} {}, {}, {} bytes, {} us",
                    paths_[sendings[i].path].number(), word(answers[i].delivery),
                    to_string(answers[i].result), answers[i].result.data_length, taken.count());
    return answers;
}

void PathSet::note(const Path& path, const Cdb& cdb) {
    if (used_ == nullptr || cdb.opcode() != noted_) return;
    if (std::find(used_->begin(), used_->end(), path.name()) == used_->end()) used_->push_back(path.name());
}

void PathSet::refresh() {
    complaints_.clear();
    out_of_reach_.clear();
    error_ = 0;
    const auto names = map_.path_names();
    may_be_served_ = !names || names->empty();
    if (names) {
        forget_the_gone(*names);
        find_newcomers(*names);
    } else {  // those that are known stay, and there may be others
        note_error(names.error().code);
        complain_of(fmt::format("all of its paths: they cannot be listed: {}", names.error().message), true);
    }
    for (Path& path : paths_) path.look();
    open_nodes();
    may_be_served_ = may_be_served_ || !paths_.empty();
    hindered_ = error_ != 0;
    complain();
}

void PathSet::forget_the_gone(const std::vector<std::string>& names) {
    const auto gone = std::stable_partition(paths_.begin(), paths_.end(), [&](const Path& path) {
        return std::binary_search(names.begin(), names.end(), path.name()) && path.is_same_disk();
    });
    let_go({gone, paths_.end()});
    paths_.erase(gone, paths_.end());
}

void PathSet::let_go(std::span<Path> gone) {
    std::vector<Couriers::Job> jobs;
    for (Path& path : gone) jobs.push_back(path.closing(settings_.close));
    if (jobs.empty()) return;
    couriers_.start([jobs = std::move(jobs)] {
        for (const Couriers::Job& job : jobs) job();
    });
}

void PathSet::find_newcomers(const std::vector<std::string>& names) {
    const std::size_t known = paths_.size();
    for (const std::string& name : names) {
        if (std::any_of(paths_.begin(), paths_.end(), [&](const Path& path) { return path.name() == name; }))
            continue;
        Result<Path> found = Path::find(map_, name);
        if (!found && (found.error().message.empty() || found.error().code != 0)) may_be_served_ = true;
        if (!found) note_error(found.error().code);
        if (found)
            paths_.push_back(*std::move(found));
        else if (!found.error().message.empty())
            complain_of(found.error().message, may_be_in_use(map_.path(name)));
    }
    if (paths_.size() > known) sort_out_strangers(known);
}

/// Keeps those that are one logical unit: with the `known` first ones where there are any, else the one that
/// most of them are. The map's name decides where it is made of the logical unit's.
void PathSet::sort_out_strangers(std::size_t known) {
    const auto is_refuted = [&](const Path& path) {
        return path.identification().is_named(wwid_) == std::optional(false);
    };
    std::size_t reference = 0;
    std::size_t most = 0;
    bool tie = false;
    for (std::size_t i = 0; known == 0 && i < paths_.size(); ++i) {
        if (is_refuted(paths_[i])) continue;
        const auto alike =
            static_cast<std::size_t>(std::count_if(paths_.begin(), paths_.end(), [&](const Path& other) {
                return !is_refuted(other) &&
                       other.identification().same_logical_unit(paths_[i].identification());
            }));
        const bool other_unit =
            most > 0 && !paths_[i].identification().same_logical_unit(paths_[reference].identification());
        if (alike > most) reference = i;
        tie = alike > most ? false : tie || (alike == most && other_unit);
        most = std::max(most, alike);
    }
    const DeviceIdentification unit = paths_[reference].identification();
    const auto is_stranger = [&](const Path& path) {
        return tie || is_refuted(path) || !path.identification().same_logical_unit(unit);
    };
    const auto strangers = std::stable_partition(paths_.begin() + static_cast<std::ptrdiff_t>(known),
                                                 paths_.end(), std::not_fn(is_stranger));
    for (auto stranger = strangers; stranger != paths_.end(); ++stranger)
        complaints_.push_back(
            fmt::format("{} ({}): it is another logical unit than the map says, or than the other paths are",
                        stranger->name(), stranger->number()));
    paths_.erase(strangers, paths_.end());
}

Path::Broker PathSet::broker() const {
    if (!settings_.broker || !lent_.valid()) return {};
    const auto map = std::make_shared<UniqueFd>(::fcntl(lent_.get(), F_DUPFD_CLOEXEC, 0));
    return map->valid() ? Path::Broker{settings_.broker, map} : Path::Broker{};
}

void PathSet::open_nodes() {
    std::vector<std::size_t> numbers;
    std::vector<Couriers::Job> jobs;
    for (std::size_t i = 0; i < paths_.size(); ++i) {
        Path& path = paths_[i];
        if (path.waits_for_broker() && path.is_running()) complain_of_broker(path);
        if (path.is_open() || path.node()->busy || !path.is_running()) continue;
        numbers.push_back(i);
        jobs.push_back(path.opening(settings_.dev, broker()));
    }
    if (jobs.empty()) return;
    const std::vector<bool> ended =
        couriers_.run(std::move(jobs), Couriers::Clock::now() + settings_.timeout);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        Path& path = paths_[numbers[i]];
        if (!ended[i] && path.waits_for_broker()) complain_of_broker(path);
        if (!ended[i]) continue;
        const Status opened = path.opened();
        if (opened) continue;
        const int code = opened.error().code;
        note_error(code);
        // Any other error is the disk's: the map cannot use it either.
        const bool is_ours =
            code == 0 || code == ENOENT || code == EACCES || code == EPERM || is_transient(code);
        complain_of(fmt::format("{} ({}): {}", path.name(), path.number(), opened.error().message), is_ours);
        rights_are_missing_ =
            rights_are_missing_ || opened.error().code == EACCES || opened.error().code == EPERM;
    }
}

/// The broker opens one node after the other: it may be stuck with another map's.
void PathSet::complain_of_broker(const Path& path) {
    complain_of(fmt::format("{} ({}): the path broker has not answered yet", path.name(), path.number()),
                true);
}

void PathSet::complain_of(const std::string& what, bool is_in_use) {
    complaints_.push_back(what);
    if (is_in_use) out_of_reach_.push_back(what);
}

void PathSet::note_error(int code) {
    if (is_transient(code)) error_ = code;
}

std::vector<std::string> PathSet::out_of_reach() {
    const auto deadline = Couriers::Clock::now() + settings_.timeout;
    if (any_undecided()) {
        while (any_undecided() && Couriers::Clock::now() < deadline) {
            pause(kBlockedPause);
            for (Path& path : paths_) path.look();
        }
        open_nodes();
    }
    std::vector<std::string> some = out_of_reach_;
    for (const Path& path : paths_)
        if (path.is_blocked() || path.is_unknown())
            some.push_back(fmt::format("{} ({}): {}", path.name(), path.number(),
                                       path.is_blocked() ? "its transport is recovering (blocked)"
                                                         : "its device/state in sysfs cannot be read"));
    return some;
}

bool PathSet::any_undecided() const {
    return std::any_of(paths_.begin(), paths_.end(),
                       [](const Path& path) { return path.is_blocked() || path.is_unknown(); });
}

void PathSet::complain() {
    if (quiet_) return;
    const std::string text = fmt::format("{}", fmt::join(complaints_, "; "));
    if (text != complained_ && !text.empty())
        report_(fmt::format("multipath map {}: persistent reservations cannot use {}{}{}", map_.title(), text,
                            remedy_of(error_),
                            rights_are_missing_
                                ? "; the program opens these nodes with its own rights: run it "
                                  "as root, or add -g with the group that owns them (disk)"
                                : ""));
    complained_ = text;
    rights_are_missing_ = false;
}

bool PathSet::any_open() const {
    return std::any_of(paths_.begin(), paths_.end(), [](const Path& path) { return path.is_open(); });
}

void PathSet::pause(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }

}  // namespace prh
