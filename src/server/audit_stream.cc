// SPDX-License-Identifier: MIT
#include "server/audit_stream.h"

#include <utility>

#include "observe/json_object.h"

namespace prh {

std::string AuditStream::Follower::take() {
    const std::lock_guard lock(mutex_);
    std::string lines = std::exchange(lines_, {});
    if (const auto missing = std::exchange(missing_, 0); missing > 0)
        lines +=
            JsonObject().add("event", "dropped").add("records", static_cast<std::int64_t>(missing)).text() +
            "\n";
    return lines;
}

void AuditStream::Follower::add(std::string_view line) {
    const std::lock_guard lock(mutex_);
    if (missing_ > 0 || lines_.size() + line.size() + 1 > kBuffered) {
        ++missing_;  // until it has taken the others: what is missing is in one place
        return;
    }
    lines_ += line;
    lines_ += '\n';
}

std::shared_ptr<AuditStream::Follower> AuditStream::follow(bool reads) {
    const auto leave = [this](Follower* follower) {
        --(follower->reads_ ? read_followers_ : followers_);
        if (follower->reads_) --followers_;
        delete follower;
    };
    const std::shared_ptr<Follower> follower(new Follower(reads), leave);
    ++followers_;
    if (reads) ++read_followers_;
    const std::lock_guard lock(mutex_);
    std::erase_if(all_, [](const auto& each) { return each.expired(); });
    all_.push_back(follower);
    return follower;
}

std::vector<std::shared_ptr<AuditStream::Follower>> AuditStream::all() {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<Follower>> followers;
    for (const auto& each : all_)
        if (auto follower = each.lock()) followers.push_back(std::move(follower));
    return followers;
}

void AuditStream::publish(std::string_view line, bool read) {
    for (const auto& follower : all())
        if (!read || follower->reads_) follower->add(line);
    arrived_();
}

}  // namespace prh
