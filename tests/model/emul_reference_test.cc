// SPDX-License-Identifier: MIT
// The logical unit against a second model that was written independently: every answer and every state of
// random histories.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <sstream>

#include "emul/logical_unit.h"
#include "model/reference_unit.h"
#include "unit/emul_hosts.h"

namespace prh::model {
namespace {

constexpr std::size_t kLimit = 4;  // of eight nexuses, so that it is reached

LogicalUnit make_unit(bool persists) { return LogicalUnit({{1, 2}, kLimit, persists}); }

std::string execute(LogicalUnit& unit, const Request& request) {
    std::vector<std::uint8_t> data(request.in ? request.allocation_length : 0);
    return test::brief(unit.execute(nexus(request.sender), cdb_of(request), list_of(request), data));
}

void require_same_state(const LogicalUnit& unit, const ReferenceUnit& reference) {
    RC_ASSERT(unit.generation() == reference.generation());
    RC_ASSERT(unit.aptpl() == reference.aptpl());
    RC_ASSERT((unit.reservation() ? static_cast<int>(unit.reservation()->type) : 0) == reference.type());
    std::size_t registered = 0;
    for (int i = 0; i < kNexuses; ++i) {
        const std::uint64_t key = reference.row(i).key;
        registered += key != 0;
        RC_ASSERT(unit.registrations().key_of(nexus(i)).value_or(ReservationKey{}).value == key);
        RC_ASSERT(unit.is_holder(nexus(i)) == reference.holders().contains(i));
        RC_ASSERT(unit.allows_read(nexus(i)) == reference.may(i, false));
        RC_ASSERT(unit.allows_write(nexus(i)) == reference.may(i, true));
    }
    RC_ASSERT(unit.registrations().size() == registered);
}

RC_GTEST_PROP(LogicalUnitModel, AgreesWithTheReference, (bool persists)) {
    LogicalUnit unit = make_unit(persists);
    ReferenceUnit reference(persists, kLimit);
    for (const Request& request : *rc::gen::container<std::vector<Request>>(any_request())) {
        const std::string expected = reference.answer(request);
        const std::string answer = execute(unit, request);
        std::ostringstream command;
        showValue(request, command);
        RC_LOG() << command.str() << " -> " << answer << ", expected " << expected << "\n";
        RC_ASSERT(answer == expected);
        require_same_state(unit, reference);
    }
}

/// A generator that never gets anywhere would make the comparison worthless. The seeds are fixed: what these
/// histories reach, they always reach.
TEST(LogicalUnitModel, RandomHistoriesReachWhatMatters) {
    std::map<std::string, int> seen;
    const auto history = rc::gen::container<std::vector<Request>>(400, any_request());
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        LogicalUnit unit = make_unit(true);
        for (const Request& request : history(rc::Random(seed), rc::kNominalSize).value()) {
            const std::string answer = execute(unit, request);
            ++seen[answer];
            if (!request.in) ++seen[std::to_string(request.action) + " " + answer];
            if (unit.reservation())
                ++seen["type " + std::to_string(static_cast<int>(unit.reservation()->type))];
        }
    }
    for (const char* what :
         {"0 GOOD",    "1 GOOD",     "2 GOOD",     "3 GOOD",     "4 GOOD",     "5 GOOD",    "6 GOOD",
          "7 GOOD",    "0 CONFLICT", "1 CONFLICT", "4 CONFLICT", "7 CONFLICT", "0 5/55/04", "6 5/55/04",
          "7 5/55/04", "0 5/26/00",  "2 5/26/04",  "4 5/24/00",  "4 5/26/00",  "7 5/24/00", "7 5/26/00",
          "5/1a/00",   "6/2a/03",    "6/2a/04",    "6/2a/05",    "type 1",     "type 3",    "type 5",
          "type 6",    "type 7",     "type 8"})
        EXPECT_GT(seen[what], 0) << what;
}

}  // namespace
}  // namespace prh::model
