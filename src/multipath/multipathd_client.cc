// SPDX-License-Identifier: MIT
#include "multipath/multipathd_client.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace prh {
namespace {

bool is_refusal(std::optional<MultipathdAnswer> answer) {
    return answer == MultipathdAnswer::Refused || answer == MultipathdAnswer::NotUnderstood;
}

}  // namespace

std::optional<PathManager::Key> MultipathdClient::key() {
    const auto reply = ask("getprkey");
    if (!reply) return std::nullopt;
    const MultipathdKey found = multipathd_key(*reply);
    static_cast<void>(known(found.answer));
    return found.key;
}

void MultipathdClient::set_key(const Key& key) {
    const std::string rest = fmt::format(" key {:x}{}", key.value.value, key.aptpl ? ":aptpl" : "");
    if (is_refusal(tell("setprkey", rest)))
        warn_of_refusal(
            Cause::KeyRefused, "multipathd does not keep the key of",
            "put \"reservation_key file\" into the defaults section of /etc/multipath.conf and run "
            "\"multipathd reconfigure\"");
}

// What it refuses to forget it did not keep: since no key was ever taken, or not from us.
void MultipathdClient::unset_key() { tell("unsetprkey"); }
void MultipathdClient::unset_registered() { tell("unsetprstatus"); }

void MultipathdClient::set_registered(const std::vector<std::string>& paths) {
    constexpr std::string_view kVerb = "setprstatus";
    const std::string list = fmt::format(" pathlist \"{}\"", fmt::join(paths, " "));
    const bool fits = list.size() < kMultipathdLongestCommand - 64;
    const bool with_list = socket_.has_path_lists && fits && !paths.empty();
    if (with_list && !is_refusal(tell(kVerb, list))) return;
    const auto answer = tell(kVerb);
    if (with_list && answer == MultipathdAnswer::Ok) socket_.has_path_lists = false;  // before 0.14
    if (is_refusal(answer))
        warn_of_refusal(Cause::StatusRefused, "multipathd does not take note of the registration of",
                        "see its messages (journalctl -u multipathd)");
}

void MultipathdClient::set_holding(bool holding) {
    if (!socket_.has_holding) return;
    if (!is_refusal(tell(holding ? "setprhold" : "unsetprhold"))) return;
    // Before 0.13 there is no such thing, which it says in the same words as that this map has no such thing.
    const auto state = ask("getprhold");
    if (state && !multipathd_tells_state(*state)) socket_.has_holding = false;
}

std::optional<std::string> MultipathdClient::ask(std::string_view verb, std::string_view rest) {
    auto reply = socket_.ask(fmt::format("{} map {}{}", verb, map_.kernel_name(), rest));
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

std::optional<MultipathdAnswer> MultipathdClient::tell(std::string_view verb, std::string_view rest) {
    const auto reply = ask(verb, rest);
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

void MultipathdClient::warn_of_refusal(Cause cause, std::string_view what, std::string_view remedy) {
    const auto state = ask("getprstatus");
    if (state && !multipathd_tells_state(*state) && multipathd_answer(*state) == MultipathdAnswer::Refused)
        warn(Cause::UnknownMap, "multipathd does not know",
             "let it set the map up, instead of dmsetup (multipath -ll shows what it knows)");
    else
        warn(cause, what, remedy);
}

void MultipathdClient::warn(Cause cause, std::string_view what, std::string_view remedy) {
    if (!warned_of_.insert(cause).second) return;
    report_(fmt::format(
        "{} {}: {}; until then a path that returns is registered only by the next reservation command", what,
        map_.title(), remedy));
}

}  // namespace prh
