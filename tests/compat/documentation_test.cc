// SPDX-License-Identifier: MIT
// The list of accepted differences is also doc/compatibility.md's: whoever replaces QEMU's helper reads it
// there.
#include <gtest/gtest.h>

#include <set>

#include "compat/accepted_differences.h"

namespace prh::test {
namespace {

TEST(Documentation, NamesEveryAcceptedDifference) {
    const std::string page = read_file(PRH_SOURCE_DIR "/doc/compatibility.md");
    std::string missing;
    for (const AcceptedDifference& difference : accepted_differences())
        if (page.find("`" + difference.name + "`") == std::string::npos)
            missing += difference.name + ": " + difference.reason + "\n";
    EXPECT_EQ(missing, "");
}

TEST(Documentation, NamesOfAcceptedDifferencesAreUnique) {
    std::set<std::string> names;
    for (const AcceptedDifference& difference : accepted_differences())
        EXPECT_TRUE(names.insert(difference.name).second) << difference.name;
}

}  // namespace
}  // namespace prh::test
