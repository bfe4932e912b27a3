// SPDX-License-Identifier: MIT
// What a check of doctor concluded, for EXPECT_TRUE.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "diagnose/diagnosis.h"

namespace prh::test {

/// The verdict, and words that its text contains.
inline testing::AssertionResult says(const ctl::Diagnosis& found, ctl::Judgement verdict,
                                     const std::string& words) {
    if (found.verdict == verdict && found.words.find(words) != std::string::npos)
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << name(found.verdict) << ": " << found.words;
}

}  // namespace prh::test
