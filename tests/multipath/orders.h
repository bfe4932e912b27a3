// SPDX-License-Identifier: MIT
// What requests that met may have done: every order of every subset of them on a logical unit where each host
// has one path. A duel is right as long as one of these orders explains it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "multipath/duel.h"

namespace prh::multipath {

/// How a defect begins that may be gone when the requests have ended.
inline constexpr std::string_view kForAMoment = "for a moment ";

class Orders {
  public:
    explicit Orders(const DuelPlan& plan);

    /// What is wrong at this moment, whatever the requests in flight will still do; empty: nothing.
    std::string of_moment(const Duel& duel) const;
    /// The same when all requests have ended: keys and reservation are those of an order too.
    std::string of_end(const Duel& duel) const;

  private:
    struct Order {
        std::vector<std::size_t> requests;
        std::vector<std::string> answers;  // by request; empty: not in this order
        std::array<std::uint64_t, kHosts> keys{};
        std::array<bool, kHosts> may_write{};
        std::string held;
        bool exclusive = false;
    };

    void extend(const DuelPlan& plan, const SimulatedLun& lun, const Order& order);
    static bool explains(const Order& order, const Duel& duel);
    std::vector<const Order*> possible(const Duel& duel) const;
    static std::string difference(const Order& order, const Duel& duel);

    std::vector<Order> orders_;
};

}  // namespace prh::multipath
