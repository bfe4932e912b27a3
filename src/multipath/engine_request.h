// SPDX-License-Identifier: MIT
// One PERSISTENT RESERVE OUT while the engine executes it.
#pragma once

#include <algorithm>
#include <vector>

#include "multipath/engine.h"
#include "scsi/pr_out_parameters.h"

namespace prh {

struct Engine::Request {
    const Cdb& cdb;
    ConstBytes list;             // as the guest sent it
    PrOutParameters parameters;  // the same; REGISTER AND MOVE has others and leaves these empty
    Exchange& exchange;
    std::optional<HeldReservation> held;  // before the command
    bool fenced = false;  // another host preempted the key while paths were registered one by one

    PathCommand command() const { return {cdb, list, {}}; }
    PrOutAction action() const { return static_cast<PrOutAction>(cdb.service_action()); }
};

/// The record is this engine's as long as this lives.
class RecordTurn {
  public:
    enum Patience { kWait, kTry };
    explicit RecordTurn(RecordStore& store, Patience patience = kWait)
        : store_(store), locked_(patience == kWait ? store.lock() : store.try_lock()) {}
    RecordTurn(const RecordTurn&) = delete;
    RecordTurn& operator=(const RecordTurn&) = delete;
    ~RecordTurn() {
        if (locked_) store_.unlock();
    }
    explicit operator bool() const { return locked_.has_value(); }

  private:
    RecordStore& store_;
    const Status locked_;
};

/// Whether a single nexus holds it; an all-registrants reservation belongs to every registered path.
inline bool has_one_holder(const std::optional<HeldReservation>& held) {
    const auto type = held ? reservation_type(held->type) : std::nullopt;
    return type && !is_all_registrants(*type);
}

template <class T>
void sort_out(std::vector<T>& values) {  // clang 14 cannot do this with libstdc++'s std::ranges::unique
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

/// The path of an answer that was inferred: none of them needs no further attention.
constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

inline Answer inferred_good() { return {kNobody, Outcome::Good, CommandResult::good()}; }

/// What a guest is told when no path gave an answer (SPC-4: LOGICAL UNIT COMMUNICATION FAILURE).
inline CommandResult no_path() { return CommandResult::check_condition(sense::kCommunicationFailure); }

}  // namespace prh
