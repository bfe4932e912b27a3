// SPDX-License-Identifier: MIT
#include "multipath/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <stdexcept>

#include "scsi/names.h"

namespace prh::multipath {
namespace {

/// SPC: two host ports, each of which sees both target ports. LIO: a port of its own for every path, as
/// tcm_loop and iSCSI with an ISID per session have it.
std::vector<Nexus> nexuses_of(const Setting& setting) {
    std::vector<Nexus> nexuses;
    for (unsigned i = 0; i < setting.paths; ++i)
        nexuses.push_back(setting.dialect == Dialect::kSpc
                              ? test::nexus(1 + i / 2, static_cast<std::uint16_t>(1 + i % 2))
                              : test::nexus(1 + i, static_cast<std::uint16_t>(1 + i)));
    return nexuses;
}

std::vector<std::uint16_t> ports_of(const Setting& setting) {
    std::vector<std::uint16_t> ports;
    const std::size_t count = setting.dialect == Dialect::kSpc ? 2 : setting.paths;
    for (std::size_t i = 1; i <= count; ++i) ports.push_back(static_cast<std::uint16_t>(i));
    return ports;
}

/// By initiator port: with SPEC_I_PT, the path that carries the command decides of which target port.
using Foreign = std::map<TransportId, std::uint64_t>;

bool exclusive(const SimulatedLun& lun) {
    const auto& held = lun.unit().reservation();
    return held && !is_registrants_only(held->type) && !is_all_registrants(held->type);
}

/// The one window that cannot be avoided: PREEMPT of key zero takes every registrant's registration, also
/// those of our other paths, and only the sender's stays.
bool removes_everybody(const GuestCommand& command, const SimulatedLun& before) {
    const auto action = static_cast<PrOutAction>(command.cdb.service_action());
    const auto& held = before.unit().reservation();
    return command.cdb.is_persistent_reserve_out() &&
           (action == PrOutAction::Preempt || action == PrOutAction::PreemptAndAbort) && held &&
           is_all_registrants(held->type) && load_be<std::uint64_t>(&command.list[8]) == 0;
}

struct Sender {
    const Nexus& nexus;
    const GuestCommand& command;
    std::string to(SimulatedLun& lun, std::vector<std::uint8_t>& data) const {
        data.assign(command.cdb.is_persistent_reserve_in() ? command.cdb.allocation_length() : 0, 0);
        const CommandResult result = lun.execute(nexus, command.cdb, command.list, data);
        data.resize(result.data_length);
        return test::brief(result);
    }
};

}  // namespace

std::string Setting::name() const {
    const char* const managers[] = {"", "WithoutMultipathd", "MultipathdRefuses"};
    return fmt::format("{}{}Paths{}{}{}", dialect == Dialect::kSpc ? "Spc" : "Lio", paths,
                       ports_known ? "" : "PortsUnknown", managers[static_cast<int>(manager)],
                       reverse_simultaneous ? "Reversed" : "");
}

World::World(const Setting& setting, EnginePolicy policy)
    : lun(setting.dialect, ports_of(setting)),
      reference(setting.dialect, {1}),
      paths(lun, interruption, nexuses_of(setting), setting.ports_known),
      manager(setting.manager, interruption),
      store(interruption),
      writer(lun, paths),
      policy_(policy) {
    for (SimulatedLun* const one : {&lun, &reference}) {
        for (std::size_t i = 0; i < paths.size(); ++i) one->know(paths.nexus(i).initiator_port);
        for (unsigned host = 0; host < 3; ++host) one->know(other_nexus(host).initiator_port);
    }
    paths.reverse_simultaneous(setting.reverse_simultaneous);
    paths.after_each_command = [this] {
        writer.try_each_path([this] {
            const Sent& last = paths.log().back();
            return fmt::format("command {}, down path {}: {}", paths.log().size() - 1, last.path,
                               prh::to_string(last.cdb));
        });
    };
    if (std::getenv("PRH_STORY") != nullptr) paths.keep_story();
    restart();
}

void World::restart() {
    const auto random = [this] { return ++random_ * 0x0000'0123'4567'89ABU & 0xFFFF'FFFF'FFFFU; };
    const auto report = [this](std::string_view line) { reports.emplace_back(line); };
    engine_ = std::make_unique<Engine>(EngineWorld{paths, manager, store, random, report}, policy_);
}

std::string World::guest(const GuestCommand& command) {
    const SimulatedLun before = reference;
    expected_ = Sender{guest_nexus(), command}.to(reference, expected_data_);
    expect_writes(command, before);
    return guest_again(command);
}

std::string World::guest_again(const GuestCommand& command) {
    paths.reset_log();
    data_.assign(command.cdb.is_persistent_reserve_in() ? command.cdb.allocation_length() : 0, 0);
    const CommandResult result = engine_->execute(command.cdb, command.list, data_);
    data_.resize(std::min<std::size_t>(data_.size(), result.data_length));
    return test::brief(result);
}

Engine::Tended World::tend(const std::vector<std::size_t>& returned, const std::vector<std::size_t>& silent) {
    PathNews news;
    for (const std::size_t path : returned) news.unsure.push_back(SimulatedPaths::device(path));
    for (const std::size_t path : silent) news.silent.push_back(SimulatedPaths::device(path));
    return tend_with(news);
}

Engine::Tended World::tend_with(const PathNews& news) {
    paths.reset_log();
    paths.refresh();
    return engine_->tend(news);
}

void World::expect_writes(const GuestCommand& command, const SimulatedLun& before) {
    const bool entitled = before.allows_write(guest_nexus()) && reference.allows_write(guest_nexus());
    if (entitled && !exclusive(before) && !exclusive(reference) && !removes_everybody(command, before))
        writer.expect_to_write();
    else
        writer.expect_nothing();
}

std::string World::other(const GuestCommand& command, unsigned host) {
    std::vector<std::uint8_t> data;
    const Nexus nexus = other_nexus(host);
    Sender{nexus, command}.to(reference, data);
    return Sender{nexus, command}.to(lun, data);
}

std::string World::behind_the_back(std::size_t path, const GuestCommand& command) {
    std::vector<std::uint8_t> data;
    return Sender{paths.nexus(path), command}.to(lun, data);
}

void World::guest_must(const GuestCommand& command) {
    const std::string answer = guest(command);
    if (answer != "GOOD") throw std::logic_error(command.to_string() + " of the guest: " + answer);
}

void World::other_must(const GuestCommand& command, unsigned host) {
    const std::string answer = other(command, host);
    if (answer != "GOOD") throw std::logic_error(command.to_string() + " of another host: " + answer);
}

void World::guest_holds_through(std::size_t path, std::uint8_t type) {
    guest_must(reg(0, K));
    for (std::size_t i = 0; i < paths.size(); ++i)
        if (i != path) paths.become(i, Health::kOffline);
    guest_must(reserve(K, type));
    for (std::size_t i = 0; i < paths.size(); ++i) paths.become(i, Health::kOnline);
    if (!lun.unit().is_holder(paths.nexus(path))) throw std::logic_error("another path holds");
}

void World::path_returns(std::size_t path) {
    paths.become(path, Health::kOnline);
    const auto key = manager.key();
    if (!key || !manager.registered()) return;
    // As versions up to 0.12 do it: only if the key is among those that READ KEYS shows.
    while (!lun.pending(paths.nexus(path)).empty()) behind_the_back(path, {});
    const std::vector<std::uint64_t> known = test::keys(lun.unit());
    if (std::find(known.begin(), known.end(), key->value.value) != known.end())
        behind_the_back(path, reg_ignore(0, key->value.value, {.aptpl = key->aptpl}));
}

bool World::is_ours(const Nexus& nexus) const {
    for (std::size_t i = 0; i < paths.size(); ++i)
        if (paths.nexus(i).initiator_port == nexus.initiator_port) return true;
    return false;
}

bool World::we_hold() const {
    const auto& held = lun.unit().reservation();
    return held && held->holder && is_ours(*held->holder);
}

std::string World::keys() const {
    std::string list;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        const auto key = lun.unit().registrations().key_of(paths.nexus(i));
        list += (i == 0 ? "" : " ") + (key ? fmt::format("{:x}", key->value) : "-");
    }
    return list;
}

std::string World::difference(const SimulatedLun& from) const {
    std::string list = foreign_difference(from);
    const auto right = from.unit().registrations().key_of(guest_nexus());
    for (std::size_t i = 0; i < paths.size(); ++i)
        if (paths.online(i) && lun.unit().registrations().key_of(paths.nexus(i)) != right)
            list += fmt::format("path {} of \"{}\" should have {:x}; ", i, keys(),
                                right.value_or(ReservationKey{}).value);
    return list;
}

std::string World::foreign_difference(const SimulatedLun& from) const {
    std::string list;
    Foreign ours, theirs;
    for (const Registration& one : lun.unit().registrations().list())
        if (!is_ours(one.nexus)) ours.emplace(one.nexus.initiator_port, one.key.value);
    for (const Registration& one : from.unit().registrations().list())
        if (!is_ours(one.nexus)) theirs.emplace(one.nexus.initiator_port, one.key.value);
    if (ours != theirs)
        list += fmt::format("{} foreign registrations instead of {}; ", ours.size(), theirs.size());
    const auto& held = lun.unit().reservation();
    const auto& right = from.unit().reservation();
    const auto holder = [&](const auto& reservation) {
        if (!reservation) return std::string("nobody");
        const int type = static_cast<int>(reservation->type);
        if (!reservation->holder) return fmt::format("all ({})", type);
        if (is_ours(*reservation->holder)) return fmt::format("the guest ({})", type);
        return fmt::format("{} ({})", reservation->holder->initiator_port.to_string(), type);
    };
    if (holder(held) != holder(right))
        list += fmt::format("{} holds instead of {}; ", holder(held), holder(right));
    return list;
}

std::string World::left_attentions() const {
    std::string list;
    const std::string right = reference.pending(guest_nexus());
    for (std::size_t i = 0; i < paths.size(); ++i)
        if (const std::string left = lun.pending(paths.nexus(i)); paths.online(i) && left != right)
            list += fmt::format("path {} has \"{}\" waiting instead of \"{}\"; ", i, left, right);
    return list;
}

}  // namespace prh::multipath
