// SPDX-License-Identifier: MIT
#include "model/reference_unit.h"

#include <algorithm>

namespace prh::model {
namespace {

const std::set<int> kTypes = {1, 3, 5, 6, 7, 8};
const char* const kBadCdb = "5/24/00";
const char* const kBadList = "5/26/00";
const char* const kBadLength = "5/1a/00";

bool everybodys(int type) { return type == 7 || type == 8; }
bool shared(int type) { return type >= 5; }

std::set<int> without(std::set<int> from, const std::set<int>& what) {
    for (const int one : what) from.erase(one);
    return from;
}

/// What is wrong with the list itself, before anybody looks at keys; empty if nothing is.
std::string fault_of_list(const Request& request) {
    const int ids = static_cast<int>(request.initiators.size());
    const int right = request.is_move() ? 48 : request.spec_i_pt ? 28 + 24 * ids : 24;
    const int length = right + request.list_change;
    if (length < 24) return kBadLength;
    if (request.is_move()) return length == right ? "" : kBadList;
    if (request.spec_i_pt && request.action != 0) return kBadList;
    if (request.spec_i_pt) return length < 28 ? kBadLength : length == right ? "" : kBadList;
    return length == right ? "" : kBadLength;
}

}  // namespace

std::string ReferenceUnit::answer(const Request& request) {
    std::vector<std::string>& attentions = at(request.sender).attentions;
    if (!attentions.empty()) {
        const std::string first = attentions.front();
        attentions.erase(attentions.begin());
        return first;
    }
    if (request.in) return request.action <= 3 ? "GOOD" : kBadCdb;
    if (request.action > 7) return kBadCdb;
    const std::string fault = fault_of_list(request);
    return fault.empty() ? out(request) : fault;
}

std::string ReferenceUnit::out(const Request& request) {
    if (request.action == 0) return register_for(request, false);
    if (request.action == 6) return register_for(request, true);
    const int sender = request.sender;
    const std::uint64_t own = at(sender).key;
    if (own == 0 || own != request.key) return "CONFLICT";

    const bool named = request.scope == 0 && kTypes.contains(request.type);
    const bool holds = holders_.contains(sender);
    switch (request.action) {
        case 1:
            if (!named) return kBadCdb;
            if (type_ == 0) hold(sender, request.type);
            return holders_.contains(sender) && type_ == request.type ? "GOOD" : "CONFLICT";
        case 2:
            if (!named) return kBadCdb;
            if (holds && type_ != request.type) return "5/26/04";
            if (holds) {
                if (shared(type_)) tell(registered(), sender, "6/2a/04");
                holders_.clear();
                type_ = 0;
            }
            return "GOOD";
        case 3:
            tell(registered(), sender, "6/2a/03");
            for (Row& row : rows_) row.key = 0;
            holders_.clear();
            type_ = 0;
            ++generation_;
            return "GOOD";
        case 7: return move(request);
        default: return preempt(request);
    }
}

std::string ReferenceUnit::register_for(const Request& request, bool ignore) {
    const int sender = request.sender;
    std::set<int> mine;
    for (int i = 0; i < kNexuses; ++i)
        if (i == sender || (request.all_tg_pt && i / kPorts == sender / kPorts)) mine.insert(i);
    if (!ignore && std::any_of(mine.begin(), mine.end(), [&](int i) { return at(i).key != request.key; }))
        return "CONFLICT";
    if (request.aptpl && !persists_) return kBadList;
    if (request.spec_i_pt && at(sender).key != 0) return kBadList;

    std::set<int> others;
    if (request.spec_i_pt)
        for (int i = 0; i < kNexuses; ++i)
            if (std::count(request.initiators.begin(), request.initiators.end(), i / kPorts) > 0 &&
                (request.all_tg_pt || i % kPorts == sender % kPorts) && !mine.contains(i))
                others.insert(i);

    const std::set<int> before = registered();
    if (request.service_action_key == 0) {
        const std::set<int> leaving = without(mine, without(mine, before));
        if (leaving.empty()) return "GOOD";
        forget(leaving, sender);
    } else {
        for (const int other : others)
            if (before.contains(other)) return kBadList;
        std::set<int> after = before;
        after.insert(mine.begin(), mine.end());
        after.insert(others.begin(), others.end());
        if (after.size() > limit_ && after.size() > before.size()) return "5/55/04";
        for (const int one : mine) at(one).key = request.service_action_key;
        for (const int one : others) at(one).key = request.service_action_key;
        if (everybodys(type_)) holders_ = registered();
    }
    aptpl_ = request.aptpl;
    ++generation_;
    return "GOOD";
}

std::string ReferenceUnit::move(const Request& request) {
    const int sender = request.sender;
    if (type_ == 0) return kBadCdb;
    if (everybodys(type_) || !holders_.contains(sender)) return "CONFLICT";
    if (request.service_action_key == 0 || request.destination_port > kPorts) return kBadList;
    const int destination = request.destination * kPorts + request.destination_port - 1;
    if (destination == sender || (request.aptpl && !persists_)) return kBadList;
    std::set<int> after = registered();
    after.insert(destination);
    if (request.unreg) after.erase(sender);
    if (after.size() > limit_ && after.size() > registered().size()) return "5/55/04";
    at(destination).key = request.service_action_key;
    if (request.unreg) at(sender).key = 0;
    holders_ = {destination};
    aptpl_ = request.aptpl;
    ++generation_;
    return "GOOD";
}

std::string ReferenceUnit::preempt(const Request& request) {
    const int sender = request.sender;
    const std::uint64_t victim = request.service_action_key;
    std::set<int> victims;
    for (const int one : registered())
        if (at(one).key == victim) victims.insert(one);
    if (victim == 0) {
        if (!everybodys(type_)) return kBadList;
        victims = registered();
    } else if (victims.empty()) {
        return "CONFLICT";
    }

    const bool takes = type_ != 0 && (everybodys(type_) ? victim == 0 : victims.contains(*holders_.begin()));
    if (!takes) {
        tell(victims, sender, "6/2a/05");
        forget(victims, sender);
        ++generation_;
        return "GOOD";
    }
    if (request.scope != 0 || !kTypes.contains(request.type)) return kBadCdb;
    victims.erase(sender);
    tell(victims, sender, "6/2a/05");
    for (const int one : victims) at(one).key = 0;
    if (type_ != request.type) tell(registered(), sender, "6/2a/04");
    hold(sender, request.type);
    ++generation_;
    return "GOOD";
}

std::set<int> ReferenceUnit::registered() const {
    std::set<int> all;
    for (int i = 0; i < kNexuses; ++i)
        if (row(i).key != 0) all.insert(i);
    return all;
}

void ReferenceUnit::forget(const std::set<int>& nexuses, int sender) {
    for (const int one : nexuses) {
        at(one).key = 0;
        holders_.erase(one);
    }
    if (type_ == 0 || !holders_.empty()) return;
    if (type_ == 5 || type_ == 6) tell(registered(), sender, "6/2a/04");
    type_ = 0;
}

void ReferenceUnit::tell(const std::set<int>& nexuses, int sender, const std::string& what) {
    for (const int one : nexuses) {
        std::vector<std::string>& attentions = at(one).attentions;
        if (one != sender && std::count(attentions.begin(), attentions.end(), what) == 0)
            attentions.push_back(what);
    }
}

void ReferenceUnit::hold(int sender, int type) {
    type_ = type;
    holders_ = everybodys(type) ? registered() : std::set<int>{sender};
}

bool ReferenceUnit::may(int nexus, bool write) const {
    if (type_ == 0 || holders_.contains(nexus)) return true;
    if (shared(type_) && row(nexus).key != 0) return true;
    return !write && (type_ == 1 || type_ == 5 || type_ == 7);
}

}  // namespace prh::model
