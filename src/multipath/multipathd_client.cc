// SPDX-License-Identifier: MIT
#include "multipath/multipathd_client.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace prh {
namespace {

bool is_refusal(std::optional<MultipathdAnswer> answer) {
    return answer == MultipathdAnswer::Refused || answer == MultipathdAnswer::NotUnderstood;
}

/// It was not there to hear, or got no turn at its own lock.
bool is_unheard(std::optional<MultipathdAnswer> answer) {
    return !answer || answer == MultipathdAnswer::Busy;
}

}  // namespace

std::optional<PathManager::Key> MultipathdClient::key() {
    const auto reply = ask(Way::OfRequest, "getprkey");
    if (!reply) return std::nullopt;
    const MultipathdKey found = multipathd_key(*reply);
    static_cast<void>(known(found.answer));
    return found.key;
}

void MultipathdClient::set_key(const Key& key) { want(Subject::Key, telling_key(key), true); }

void MultipathdClient::unset_key() { want(Subject::Key, telling_key({}), false); }

void MultipathdClient::unset_registered() {
    {
        const std::lock_guard lock(mutex_);
        untold_.erase(Subject::Holding);  // whoever is not registered does not hold
    }
    want(Subject::Registered, telling_registered({}), false);
}

void MultipathdClient::set_registered(const std::vector<std::string>& paths) {
    want(Subject::Registered, telling_registered(paths), true);
}

void MultipathdClient::set_holding(bool holding) {
    want(Subject::Holding, telling_holding(holding), holding);
}

// What it refuses to forget it did not keep: since no key was ever taken, or not from us.
MultipathdClient::Telling MultipathdClient::telling_key(const std::optional<Key>& key) {
    if (key) return [this, key](Way way) { return tell_key(*key, way); };
    return [this](Way way) { return is_unheard(tell(way, "unsetprkey")) ? Told::Later : Told::Done; };
}

MultipathdClient::Telling MultipathdClient::telling_registered(
    const std::optional<std::vector<std::string>>& paths) {
    if (paths) return [this, paths](Way way) { return tell_registered(*paths, way); };
    return [this](Way way) { return is_unheard(tell(way, "unsetprstatus")) ? Told::Later : Told::Done; };
}

MultipathdClient::Telling MultipathdClient::telling_holding(bool holding) {
    return [this, holding](Way way) { return tell_holding(holding, way); };
}

/// The caller has the mutex.
void MultipathdClient::replace(Subject subject, Telling tell, bool sets) {
    const auto not_before = untold_[subject].not_before;
    untold_[subject] = {++version_, std::move(tell), sets, not_before};
}

void MultipathdClient::correct(const std::optional<Key>& key, bool holding) {
    const std::lock_guard lock(mutex_);
    if (!key) untold_.erase(Subject::Holding);
    if (untold_.contains(Subject::Key)) replace(Subject::Key, telling_key(key), key.has_value());
    // The paths that were registered then are as good as any.
    const auto registered = untold_.find(Subject::Registered);
    if (registered != untold_.end() && registered->second.sets != key.has_value())
        replace(Subject::Registered,
                key ? telling_registered(std::vector<std::string>()) : telling_registered({}),
                key.has_value());
    if (untold_.contains(Subject::Holding)) replace(Subject::Holding, telling_holding(holding), holding);
}

void MultipathdClient::repeat(const std::optional<Key>& key, bool holding) {
    const std::lock_guard lock(mutex_);
    replace(Subject::Key, telling_key(key), key.has_value());
    replace(Subject::Registered,
            key ? telling_registered(std::vector<std::string>()) : telling_registered({}), key.has_value());
    if (key)
        replace(Subject::Holding, telling_holding(holding), holding);
    else
        untold_.erase(Subject::Holding);
}

bool MultipathdClient::has_untold() const {
    const std::lock_guard lock(mutex_);
    return !untold_.empty();
}

void MultipathdClient::want(Subject subject, Telling tell, bool sets) {
    {
        const std::lock_guard lock(mutex_);
        untold_[subject] = {++version_, std::move(tell), sets, {}};
        if (std::exchange(telling_, true)) return;
    }
    tell_due(Way::OfRequest);
    if (has_untold()) on_untold_();
}

MultipathdClient::Outcome MultipathdClient::tell_untold() {
    const auto rest = socket_.settings().rest;
    {
        const std::lock_guard lock(mutex_);
        if (untold_.empty()) return {};
        if (std::exchange(telling_, true)) return {Clock::now() + rest};
    }
    if (!tell_due(Way::Later)) return {Clock::now() + rest, true};
    {
        const std::lock_guard lock(mutex_);
        if (!untold_.empty()) {
            const auto first = std::ranges::min_element(
                untold_, {}, [](const auto& entry) { return entry.second.not_before; });
            return {first->second.not_before};
        }
        warned_of_.clear();
    }
    report_(fmt::format("multipathd was told later what it had missed about {}", map_.title()));
    return {};
}

/// One thread at a time: `telling_` is its own, and is false afterwards. False: nobody hears.
bool MultipathdClient::tell_due(Way way) {
    constexpr int kRestsAfterRefusal = 30;  // whoever administers the host may take the advice
    std::unique_lock lock(mutex_);
    Told told = Told::Done;
    while (told != Told::Later) {
        const auto due = std::ranges::find_if(
            untold_, [now = Clock::now()](const auto& entry) { return entry.second.not_before <= now; });
        if (due == untold_.end()) break;
        const auto [subject, untold] = *due;
        lock.unlock();
        told = untold.tell(way);
        lock.lock();
        const auto after = untold_.find(subject);
        if (after == untold_.end() || after->second.version != untold.version) continue;
        if (told == Told::Done) untold_.erase(after);
        if (told == Told::Refused)
            after->second.not_before = Clock::now() + kRestsAfterRefusal * socket_.settings().rest;
    }
    telling_ = false;
    return told != Told::Later;
}

MultipathdClient::Told MultipathdClient::tell_key(const Key& key, Way way) {
    const std::string rest = fmt::format(" key {:x}{}", key.value.value, key.aptpl ? ":aptpl" : "");
    const auto answer = tell(way, "setprkey", rest);
    if (is_unheard(answer)) return Told::Later;
    if (!is_refusal(answer)) return Told::Done;
    warn_of_refusal(way, Cause::KeyRefused, "multipathd does not keep the key of",
                    "put \"reservation_key file\" into the defaults section of /etc/multipath.conf and run "
                    "\"multipathd reconfigure\"");
    return Told::Refused;
}

MultipathdClient::Told MultipathdClient::tell_registered(const std::vector<std::string>& paths, Way way) {
    constexpr std::string_view kVerb = "setprstatus";
    const std::string list = fmt::format(" pathlist \"{}\"", fmt::join(paths, " "));
    const bool fits = list.size() < kMultipathdLongestCommand - 64;
    const bool with_list = socket_.has_path_lists && fits && !paths.empty();
    if (with_list) {
        const auto answer = tell(way, kVerb, list);
        if (is_unheard(answer)) return Told::Later;
        if (!is_refusal(answer)) return Told::Done;
    }
    const auto answer = tell(way, kVerb);
    if (is_unheard(answer)) return Told::Later;
    if (with_list && answer == MultipathdAnswer::Ok) socket_.has_path_lists = false;  // before 0.14
    if (!is_refusal(answer)) return Told::Done;
    warn_of_refusal(way, Cause::StatusRefused, "multipathd does not take note of the registration of",
                    "see its messages (journalctl -u multipathd)");
    return Told::Refused;
}

MultipathdClient::Told MultipathdClient::tell_holding(bool holding, Way way) {
    if (!socket_.has_holding) return Told::Done;
    const auto answer = tell(way, holding ? "setprhold" : "unsetprhold");
    if (is_unheard(answer)) return Told::Later;
    if (!is_refusal(answer)) return Told::Done;
    // Before 0.13 there is no such thing, which it says in the same words as that this map has no such thing.
    const auto state = ask(way, "getprhold");
    if (!state) return Told::Later;
    if (!multipathd_tells_state(*state)) socket_.has_holding = false;
    return Told::Done;
}

std::optional<std::string> MultipathdClient::ask(Way way, std::string_view verb, std::string_view rest) {
    const std::string command = fmt::format("{} map {}{}", verb, map_.kernel_name(), rest);
    if (way == Way::OfRequest && waited_ >= socket_.settings().patience) return std::nullopt;
    const auto asked = Clock::now();
    auto reply = way == Way::OfRequest ? socket_.ask(command) : socket_.ask_patiently(command);
    if (way == Way::OfRequest) waited_ += Clock::now() - asked;
    if (reply) return *std::move(reply);
    const MultipathdSocket::Trouble& trouble = reply.error();
    const std::string what = fmt::format("multipathd could not be asked ({}) about", trouble.text);
    switch (trouble.failure) {
        case MultipathdSocket::Failure::Absent:
            warn(Cause::Absent, what, "start it, or say with --multipathd-socket where it listens");
            break;
        case MultipathdSocket::Failure::Silent:
            warn(Cause::Silent, what, "see what holds it up (journalctl -u multipathd)");
            break;
        case MultipathdSocket::Failure::Broken:
            warn(Cause::Broken, what, "see what ended it (journalctl -u multipathd)");
            break;
    }
    return std::nullopt;
}

std::optional<MultipathdAnswer> MultipathdClient::tell(Way way, std::string_view verb,
                                                       std::string_view rest) {
    const auto reply = ask(way, verb, rest);
    return reply ? known(multipathd_answer(*reply)) : std::nullopt;
}

std::optional<MultipathdAnswer> MultipathdClient::known(MultipathdAnswer answer) {
    if (answer == MultipathdAnswer::PermissionDenied)
        warn(Cause::Denied, "multipathd obeys only root, and refuses to keep the key of",
             "run this program without -u; or, where it was started with -u and its connection from then "
             "broke, "
             "start it again");
    if (answer == MultipathdAnswer::Busy)
        warn(Cause::Busy, "multipathd was too busy to be told of",
             "see what holds it up (journalctl -u multipathd)");
    return answer;
}

void MultipathdClient::warn_of_refusal(Way way, Cause cause, std::string_view what, std::string_view remedy) {
    const auto state = ask(way, "getprstatus");
    if (state && !multipathd_tells_state(*state) && multipathd_answer(*state) == MultipathdAnswer::Refused)
        warn(Cause::UnknownMap, "multipathd does not know",
             "let it set the map up, instead of dmsetup (multipath -ll shows what it knows)");
    else
        warn(cause, what, remedy);
}

void MultipathdClient::warn(Cause cause, std::string_view what, std::string_view remedy) {
    {
        const std::lock_guard lock(mutex_);
        if (!warned_of_.insert(cause).second) return;
    }
    report_(fmt::format(
        "{} {}: {}; until then a path that returns may be in use for a moment before it is registered", what,
        map_.title(), remedy));
}

}  // namespace prh
