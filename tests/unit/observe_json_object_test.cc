// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "observe/json_object.h"

namespace prh::test {
namespace {

TEST(JsonObject, IsOneLineOfMembers) {
    JsonObject inner;
    inner.add("a", std::int64_t{-1});
    EXPECT_EQ(JsonObject().text(), "{}");
    EXPECT_EQ(JsonObject()
                  .add("t", "x")
                  .add("b", true)
                  .add("n", std::int64_t{7})
                  .add("l", std::vector<std::string>{"p", "q"})
                  .add("e", std::vector<std::string>{})
                  .add("o", inner)
                  .add("c", std::vector<std::uint64_t>{1, 2})
                  .add("m", std::vector<JsonObject>{inner, JsonObject()})
                  .text(),
              R"({"t":"x","b":true,"n":7,"l":["p","q"],"e":[],"o":{"a":-1},"c":[1,2],"m":[{"a":-1},{}]})");
}

TEST(JsonObject, TextCannotLeaveItsQuotes) {
    EXPECT_EQ(json_string("a\"b\\c\n\x01\x7f\xff"), R"("a\"b\\c\u000a\u0001??")");
}

}  // namespace
}  // namespace prh::test
