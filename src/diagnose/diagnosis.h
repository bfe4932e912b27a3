// SPDX-License-Identifier: MIT
// What a check comes to: a verdict, in plain words, and the exact lines that fix what is wrong. Pure.
#pragma once

#include <string>
#include <vector>

namespace prh::ctl {

enum class Judgement { Ok, Warning, Wrong, NotChecked };

struct Fix {
    std::string where;  ///< "run on this host, as a user who may write to DEVICE"; empty: nothing to copy
    std::string lines;  ///< to be copied as they are

    bool empty() const { return lines.empty(); }
};

struct Diagnosis {
    std::string check;  ///< "capabilities"
    Judgement verdict = Judgement::Ok;
    std::string words;
    Fix fix{};
    std::string disk{};  ///< which it is about; empty: the helper
};

using Diagnoses = std::vector<Diagnosis>;

std::string_view name(Judgement verdict);  ///< "ok", "warning", "wrong", "not checked"

}  // namespace prh::ctl
