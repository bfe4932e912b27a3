// SPDX-License-Identifier: MIT
#include "vm/scene.h"

#include <algorithm>
#include <cstddef>

namespace prh::vm {
namespace {

constexpr unsigned kRoom = 8192;
constexpr unsigned kAllTargetPorts = 0x04;

std::uint64_t number(const Bytes& bytes, std::size_t at, std::size_t width) {
    if (at + width > bytes.size()) throw RowFailure("short data: " + hex(bytes));
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value = value << 8 | bytes[at + i];
    return value;
}

std::vector<Key> read_keys(Nexus& nexus) {
    const Step step = nexus.in(kReadKeys, kRoom).good();
    const Bytes& data = step.reply().data;
    const std::size_t length = number(data, 4, 4);
    std::vector<Key> keys;
    for (std::size_t at = 8; at < 8 + length; at += 8) keys.push_back(number(data, at, 8));
    return keys;
}

Held read_reservation(Nexus& nexus) {
    const Step step = nexus.in(kReadReservation, kRoom).good();
    const Bytes& data = step.reply().data;
    if (number(data, 4, 4) == 0) return kNothing;
    return {number(data, 8, 8), static_cast<unsigned>(number(data, 21, 1))};
}

std::string text(const std::vector<Key>& keys, const Held& reservation) {
    std::string line = "[";
    for (const Key key : keys) line += " " + hex(key);
    return line + " ] held: " +
           (reservation == kNothing ? "nothing"
                                    : hex(reservation.key) + " type " + hex(std::uint64_t{reservation.type}));
}

}  // namespace

Scene::Scene(const SceneOptions& options)
    : ours("ours", options.target, options.socket, options.ours),
      other("other", options.target, options.socket, options.other),
      options_(options) {
    std::vector<Nexus*> paths;
    for (const std::string& device : options.paths) {
        paths_.push_back(std::make_unique<Nexus>("path " + device, options.target, "", device));
        paths.push_back(paths_.back().get());
    }
    ours.stands_for(paths);
}

std::vector<PortIdentity> Scene::learn_identities() {
    options_.identities.clear();
    for (const auto& path : paths_) {
        path->drain();
        path->reg_ignore(0, K).good();
        path->clear(K).good();
        path->reg(0, K).good();
        options_.identities.push_back(full_status(*path).at(0).identity());
        path->clear(K).good();
    }
    return options_.identities;
}

void Scene::clean() {
    if (lio())
        for (Nexus* nexus : {&ours, &other}) {
            // An SPC-2 reservation stands in the way of everything else. Errors are what the rest will show.
            Step released = nexus->past_the_helper("RELEASE(6)", {0x17, 0, 0, 0, 0, 0});
            if (released.reply().status == 2)
                released = nexus->past_the_helper("RELEASE(6)", {0x17, 0, 0, 0, 0, 0});
        }
    try {
        clear_through_the_helper();
    } catch (const RowFailure&) {
        if (paths_.empty()) throw;
        // Whatever the row before left behind on single paths is no business of this one.
        for (const auto& path : paths_) {
            path->drain();
            if (path->reg_ignore(0, K).reply().status != 0) path->reg_ignore(0, K, kAllTargetPorts).good();
            path->clear(K).good();
        }
        clear_through_the_helper();
    }
}

void Scene::clear_through_the_helper() {
    ours.drain();
    other.drain();
    // A registration with ALL_TG_PT is only replaced by another with ALL_TG_PT on LIO: see quirks.h.
    const Step registered = ours.reg_ignore(0, K);
    if (registered.reply().status != 0) ours.reg_ignore(0, K, kAllTargetPorts).good();
    ours.clear(K).good();
    nobody();
}

void Scene::state(std::vector<Key> keys, const Held& reservation, const std::vector<Key>& others) {
    ours.drain();
    other.drain();
    std::vector<Key> of_us;
    for (const Key key : keys)
        if (key == K || key == K2) of_us.push_back(key);
    for (std::size_t i = 1; i < path_count(); ++i) keys.insert(keys.end(), of_us.begin(), of_us.end());
    keys.insert(keys.end(), others.begin(), others.end());
    std::vector<Key> seen = read_keys(ours);
    std::sort(seen.begin(), seen.end());
    std::sort(keys.begin(), keys.end());
    const Held held_now = read_reservation(ours);
    if (seen != keys || held_now != reservation)
        throw RowFailure("afterwards: expected " + text(keys, reservation) + ", seen " +
                         text(seen, held_now));
    if (!lio()) return;
    check_each_path(of_us, reservation, !others.empty());
    if (paths_.empty()) check_writes(ours, !of_us.empty(), reservation);
    for (const auto& path : paths_) check_writes(*path, !of_us.empty(), reservation);
}

void Scene::check_each_path(const std::vector<Key>& of_us, const Held& reservation, bool others) {
    bool we_hold = false;
    for (std::size_t i = 0; i < paths_.size(); ++i) {
        std::vector<Key> of_path;
        for (const Registrant& registrant : full_status(*paths_[i])) {
            if (!registrant.is(options_.identities.at(i))) continue;
            of_path.push_back(registrant.key);
            we_hold |= registrant.holder;
        }
        if (of_path != of_us)
            throw RowFailure("afterwards: " + paths_[i]->name() + ": expected " + text(of_us, reservation) +
                             ", seen " + text(of_path, reservation));
    }
    const bool expected =
        !of_us.empty() && reservation.type != 0 && (reservation.key == 0 || reservation.key == of_us.front());
    if (!paths_.empty() && !others && we_hold != expected)
        throw RowFailure(std::string("afterwards: ") + (expected ? "none" : "one") + " of our paths holds");
}

/// SPC-4 5.13.1, table 50: what the registration and the reservation of a nexus come to.
void Scene::check_writes(Nexus& nexus, bool registered, const Held& reservation) {
    if (reservation.type == 1 || reservation.type == 3) return;  // only one path holds; which one is not said
    const bool allowed = registered || reservation.type == 0;
    const Bytes write{0x2A, 0, 0, 0, 0, 0, 0, 0, 1, 0};
    nexus.past_the_helper("WRITE(10)", write, 0, Bytes(512)).gives(allowed ? kGood : kConflict);
}

PortIdentity Scene::identity_of(Nexus& nexus) {
    clean();
    nexus.reg(0, J).good();
    const std::vector<Registrant> registrants = full_status(nexus);
    if (registrants.size() != 1) throw RowFailure("one registered, but READ FULL STATUS says otherwise");
    clean();
    return {registrants[0].relative_target_port, registrants[0].transport_id};
}

std::vector<PortIdentity> Scene::our_identities() {
    if (paths_.empty()) return {identity_of(ours)};
    clean();
    return options_.identities;
}

std::vector<Registrant> full_status(Nexus& nexus) {
    const Step step = nexus.in(kReadFullStatus, kRoom).good();
    const Bytes& data = step.reply().data;
    const std::size_t end = 8 + number(data, 4, 4);
    std::vector<Registrant> registrants;
    for (std::size_t at = 8; at < end;) {
        const std::size_t id_length = number(data, at + 20, 4);
        const auto id = data.begin() + static_cast<std::ptrdiff_t>(at + 24);
        if (at + 24 + id_length > data.size()) throw RowFailure("READ FULL STATUS is cut: " + hex(data));
        const std::uint64_t flags = number(data, at + 12, 1);
        registrants.push_back({number(data, at, 8), (flags & 1) != 0,
                               static_cast<unsigned>(number(data, at + 13, 1)), (flags & 2) != 0,
                               static_cast<unsigned>(number(data, at + 18, 2)),
                               Bytes(id, id + static_cast<std::ptrdiff_t>(id_length))});
        at += 24 + id_length;
    }
    return registrants;
}

}  // namespace prh::vm
