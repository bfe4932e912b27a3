// SPDX-License-Identifier: MIT
#include "compat/comparison.h"

#include <set>

#include "compat/accepted_differences.h"
#include "compat/existing_program.h"

namespace prh::test {
namespace {

std::set<std::string>& seen_names() {
    static std::set<std::string> names;
    return names;
}

bool explained_by_list(const auto& exchange) {
    for (const AcceptedDifference& difference : accepted_differences()) {
        if (!difference.explains(exchange)) continue;
        seen_names().insert(difference.name);
        return true;
    }
    return false;
}

std::string hex(const Bytes& bytes) {
    std::string text;
    char pair[4];
    for (const std::uint8_t byte : bytes) {
        std::snprintf(pair, sizeof pair, "%02x ", byte);
        text += pair;
    }
    return text;
}

/// After the last test: an accepted difference that nothing showed is either gone or no longer tested.
class EveryAcceptedDifferenceIsSeen : public ::testing::Environment {
  public:
    void TearDown() override {
        const ::testing::UnitTest& run = *::testing::UnitTest::GetInstance();
        const bool whole = GTEST_FLAG_GET(filter) == "*" && run.skipped_test_count() == 0;
        if (!whole || !existing_program().problem.empty()) return;
        for (const AcceptedDifference& difference : accepted_differences())
            if (difference.shown_until >= existing_program().major_version &&
                !seen_names().contains(difference.name))
                ADD_FAILURE() << "accepted difference " << difference.name << " was not seen";
    }
};
[[maybe_unused]] const auto* const kEnvironment =
    ::testing::AddGlobalTestEnvironment(new EveryAcceptedDifferenceIsSeen);

}  // namespace

bool equal_or_accepted(const TextExchange& exchange) {
    return exchange.existing == exchange.ours || explained_by_list(exchange);
}

void compare(const ReplyExchange& exchange) {
    if (exchange.existing == exchange.ours || explained_by_list(exchange)) return;
    const Injection& injection = exchange.injection;
    ADD_FAILURE() << "CDB " << hex(exchange.cdb) << "\n  errno " << injection.error << " host "
                  << injection.host_status << " driver " << injection.driver_status << " status "
                  << int{injection.status} << " sense length " << int{injection.sense_length} << " data "
                  << injection.data_length << " residual "
                  << (injection.residual_given ? std::to_string(injection.residual) : "honest")
                  << "\n  existing: " << exchange.existing.text() << "\n  ours:     " << exchange.ours.text();
}

void compare(const TextExchange& exchange) {
    if (equal_or_accepted(exchange)) return;
    ADD_FAILURE() << exchange.situation << "\n--- existing\n"
                  << exchange.existing << "\n--- ours\n"
                  << exchange.ours << "\n---";
}

}  // namespace prh::test
