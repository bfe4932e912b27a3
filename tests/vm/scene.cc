// SPDX-License-Identifier: MIT
#include "vm/scene.h"

#include <algorithm>
#include <cstddef>

namespace prh::vm {
namespace {

constexpr unsigned kReadKeys = 0, kReadReservation = 1, kReadFullStatus = 3;
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
      options_(options) {}

void Scene::clean() {
    if (lio())
        for (Nexus* nexus : {&ours, &other}) {
            // An SPC-2 reservation stands in the way of everything else. Errors are what the rest will show.
            Step released = nexus->past_the_helper("RELEASE(6)", {0x17, 0, 0, 0, 0, 0});
            if (released.reply().status == 2)
                released = nexus->past_the_helper("RELEASE(6)", {0x17, 0, 0, 0, 0, 0});
        }
    ours.drain();
    other.drain();
    // A registration with ALL_TG_PT is only replaced by another with ALL_TG_PT on LIO: see quirks.h.
    const Step registered = ours.reg_ignore(0, K);
    if (registered.reply().status != 0) ours.reg_ignore(0, K, kAllTargetPorts).good();
    ours.clear(K).good();
    nobody();
}

void Scene::state(std::vector<Key> keys, const Held& reservation) {
    ours.drain();
    other.drain();
    std::vector<Key> seen = read_keys(ours);
    std::sort(seen.begin(), seen.end());
    std::sort(keys.begin(), keys.end());
    const Held held_now = read_reservation(ours);
    if (seen != keys || held_now != reservation)
        throw RowFailure("afterwards: expected " + text(keys, reservation) + ", seen " +
                         text(seen, held_now));
}

PortIdentity Scene::identity_of(Nexus& nexus) {
    clean();
    nexus.reg(0, J).good();
    const std::vector<Registrant> registrants = full_status(nexus);
    if (registrants.size() != 1) throw RowFailure("one registered, but READ FULL STATUS says otherwise");
    clean();
    return {registrants[0].relative_target_port, registrants[0].transport_id};
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
        registrants.push_back({number(data, at, 8), (number(data, at + 12, 1) & 1) != 0,
                               static_cast<unsigned>(number(data, at + 13, 1)),
                               static_cast<unsigned>(number(data, at + 18, 2)),
                               Bytes(id, id + static_cast<std::ptrdiff_t>(id_length))});
        at += 24 + id_length;
    }
    return registrants;
}

}  // namespace prh::vm
