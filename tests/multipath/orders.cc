// SPDX-License-Identifier: MIT
#include "multipath/orders.h"

#include <fmt/format.h>

#include <algorithm>

#include "multipath/world.h"

namespace prh::multipath {
namespace {

Nexus reference_nexus(const DuelPlan& plan, std::size_t host) {
    if (host == kPlain) return Duel::plain_nexus();
    return test::nexus(plan.one_host || host == 0 ? 1 : 0x11, 1);
}

/// The guest is told that its command was not executed, or is not told.
bool was_not_executed(const std::string& answer) { return answer.starts_with("6/") || answer == "BUSY"; }
bool may_be_executed(const std::string& answer) { return answer == "b/08/00" || answer == "death"; }

std::string held_on(const SimulatedLun& lun, const auto& host_of) {
    const auto& held = lun.unit().reservation();
    if (!held) return "none";
    return fmt::format("{} by {}", static_cast<int>(held->type),
                       held->holder ? host_of(*held->holder) : "all");
}

std::string in_reference(SimulatedLun& lun, const Nexus& nexus, const GuestCommand& command) {
    while (!lun.pending(nexus).empty()) lun.execute(nexus, {}, {}, {});
    std::vector<std::uint8_t> data(command.cdb.is_persistent_reserve_in() ? 8192 : 0);
    return test::brief(lun.execute(nexus, command.cdb, command.list, data));
}

}  // namespace

Orders::Orders(const DuelPlan& plan) {
    SimulatedLun lun(plan.dialect, {1});
    for (std::size_t host = 0; host < kHosts; ++host) lun.know(reference_nexus(plan, host).initiator_port);
    for (const GuestRequest& one : plan.before)
        in_reference(lun, reference_nexus(plan, one.host), one.command);
    Order empty;
    empty.answers.resize(plan.requests.size());
    extend(plan, lun, empty);
}

/// `order` leads to `lun`; every longer one begins with it.
void Orders::extend(const DuelPlan& plan, const SimulatedLun& lun, const Order& order) {
    Order here = order;
    for (std::size_t host = 0; host < kHosts; ++host) {
        const Nexus nexus = reference_nexus(plan, host);
        here.keys[host] = lun.unit().registrations().key_of(nexus).value_or(ReservationKey{}).value;
        here.may_write[host] = lun.allows_write(nexus);
    }
    here.held = held_on(lun, [&](const Nexus& holder) {
        for (std::size_t host = 0; host < kHosts; ++host)
            if (reference_nexus(plan, host) == holder) return std::string(1, "ABC"[host]);
        return std::string("nobody");
    });
    const auto& held = lun.unit().reservation();
    here.exclusive = held && !is_registrants_only(held->type) && !is_all_registrants(held->type);
    orders_.push_back(here);
    for (std::size_t next = 0; next < plan.requests.size(); ++next) {
        if (std::count(order.requests.begin(), order.requests.end(), next) != 0) continue;
        SimulatedLun after = lun;
        Order longer = here;
        const GuestRequest& request = plan.requests[next];
        longer.answers[next] = in_reference(after, reference_nexus(plan, request.host), request.command);
        longer.requests.push_back(next);
        extend(plan, after, longer);
    }
}

bool Orders::explains(const Order& order, const Duel& duel) {
    for (std::size_t i = 0; i < duel.requests(); ++i) {
        const bool has = !order.answers[i].empty();
        if (!duel.begun(i) && has) return false;
        if (!duel.ended(i)) continue;
        if (was_not_executed(duel.answer(i)) && has) return false;
        if (was_not_executed(duel.answer(i)) || may_be_executed(duel.answer(i))) continue;
        if (!has || order.answers[i] != duel.answer(i)) return false;
    }
    for (std::size_t i = 0; i < order.requests.size(); ++i)
        for (std::size_t j = i + 1; j < order.requests.size(); ++j)
            if (duel.came_before(order.requests[j], order.requests[i])) return false;
    return true;
}

std::vector<const Orders::Order*> Orders::possible(const Duel& duel) const {
    std::vector<const Order*> some;
    for (const Order& order : orders_)
        if (explains(order, duel)) some.push_back(&order);
    return some;
}

std::string Orders::of_moment(const Duel& duel) const {
    const auto some = possible(duel);
    if (some.empty()) return "the answers fit no order";
    for (std::size_t host = 0; host < kPlain; ++host) {
        const auto may_write = [&](const Order* order) { return order->may_write[host]; };
        const bool never = std::none_of(some.begin(), some.end(), may_write);
        const bool always = std::all_of(some.begin(), some.end(), [&](const Order* order) {
            return order->may_write[host] && !order->exclusive;
        });
        const SimulatedPaths& paths = duel.paths(host);
        for (std::size_t i = 0; i < paths.size() && (never || always); ++i) {
            const bool writes = duel.lun().allows_write(paths.nexus(i));
            if (never && writes)
                return fmt::format("{}{} writes although it may not", kForAMoment, "AB"[host]);
            if (always && !writes && paths.online(i) && !paths.failed_a_command(i))
                return fmt::format("{}a write of {} is refused", kForAMoment, "AB"[host]);
        }
    }
    return "";
}

std::string Orders::of_end(const Duel& duel) const {
    const auto some = possible(duel);
    if (some.empty()) return "the answers fit no order";
    std::string first;
    for (const Order* order : some) {
        const std::string wrong = difference(*order, duel);
        if (wrong.empty()) return duel.left_over();
        if (first.empty()) first = wrong;
    }
    return first;
}

std::string Orders::difference(const Order& order, const Duel& duel) {
    const Registrations& registrations = duel.lun().unit().registrations();
    for (std::size_t host = 0; host < kPlain; ++host) {
        const SimulatedPaths& paths = duel.paths(host);
        for (std::size_t i = 0; i < paths.size(); ++i) {
            const std::uint64_t key = registrations.key_of(paths.nexus(i)).value_or(ReservationKey{}).value;
            // A path that is away may lack what it cannot be told; it must have nothing else.
            const bool right = key == order.keys[host] || (!paths.online(i) && key == 0);
            if (!right) return fmt::format("the state fits no order (keys of {})", "AB"[host]);
        }
    }
    const std::uint64_t plain = registrations.key_of(Duel::plain_nexus()).value_or(ReservationKey{}).value;
    if (plain != order.keys[kPlain]) return "the state fits no order (key of C)";
    const std::string held = held_on(duel.lun(), [&](const Nexus& holder) {
        for (std::size_t host = 0; host < kPlain; ++host)
            for (std::size_t i = 0; i < duel.paths(host).size(); ++i)
                if (duel.paths(host).nexus(i) == holder) return std::string(1, "ABC"[host]);
        return std::string(holder == Duel::plain_nexus() ? "C" : "nobody");
    });
    return held == order.held ? "" : "the state fits no order (reservation)";
}

}  // namespace prh::multipath
