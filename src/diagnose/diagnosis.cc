// SPDX-License-Identifier: MIT
#include "diagnose/diagnosis.h"

namespace prh::ctl {

std::string_view name(Judgement verdict) {
    switch (verdict) {
        case Judgement::Ok: return "ok";
        case Judgement::Warning: return "warning";
        case Judgement::Wrong: return "wrong";
        case Judgement::NotChecked: return "not checked";
    }
    return "?";
}

}  // namespace prh::ctl
