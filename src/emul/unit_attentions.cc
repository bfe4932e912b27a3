// SPDX-License-Identifier: MIT
#include "emul/unit_attentions.h"

#include <algorithm>

namespace prh {

void UnitAttentions::establish(const Nexus& nexus, SenseCode code) {
    ++established_;
    const auto [entry, is_new] = pending_.try_emplace(nexus, Pending{established_, {}});
    std::vector<SenseCode>& codes = entry->second.codes;
    if (std::find(codes.begin(), codes.end(), code) == codes.end()) codes.push_back(code);
    if (is_new && pending_.size() > kMaximumNexuses) forget_the_oldest();
}

std::optional<SenseCode> UnitAttentions::take(const Nexus& nexus) {
    const auto entry = pending_.find(nexus);
    if (entry == pending_.end()) return std::nullopt;
    std::vector<SenseCode>& codes = entry->second.codes;
    const SenseCode code = codes.front();
    codes.erase(codes.begin());
    if (codes.empty()) pending_.erase(entry);
    return code;
}

void UnitAttentions::forget_the_oldest() {
    pending_.erase(std::min_element(pending_.begin(), pending_.end(), [](const auto& one, const auto& other) {
        return one.second.since < other.second.since;
    }));
}

}  // namespace prh
