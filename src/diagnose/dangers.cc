// SPDX-License-Identifier: MIT
#include "diagnose/dangers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "scsi/names.h"

namespace prh::ctl {
namespace {

/// What is looked for in one picture. Each look adds what it finds.
class Look {
  public:
    Look(const LocalDisk& disk, const DiskAnswer& answer, const Picture& picture, const Reach& reach)
        : disk_(disk), answer_(answer), picture_(picture), reach_(reach), own_key_(picture.own_key()) {
        if (own_key_) own_ = own_key_->key;
    }

    Diagnoses all() {
        what_is_not_told();
        paths_without();
        other_keys();
        stale_ones();
        holder();
        shared_keys();
        return std::move(found_);
    }

  private:
    void add(Judgement verdict, std::string words, Fix fix = {}) {
        found_.push_back({"registrations", verdict, std::move(words), std::move(fix)});
    }

    std::optional<ReservationType> type() const {
        return answer_.held ? reservation_type(answer_.held->type) : std::nullopt;
    }

    void what_is_not_told() {
        if (answer_.truncated)
            add(Judgement::NotChecked,
                "the disk has more registrations than a reply carries: not all are seen");
        if (!answer_.names_initiators && !answer_.registrations.empty())
            add(Judgement::NotChecked,
                "the disk does not support READ FULL STATUS: it does not tell which path has which key");
        else if (!picture_.all_told())
            add(Judgement::NotChecked,
                "the transport does not show through which ports this host reaches the disk: it cannot be "
                "told which registrations are its own");
    }

    void paths_without() {
        if (!own_ || answer_.truncated) return;
        std::vector<std::string> up, down;
        for (const PathView& view : picture_.paths)
            if (view.told && !view.registration) (view.path.up() ? up : down).push_back(view.path.name);
        if (!up.empty())
            add(Judgement::Wrong,
                fmt::format("{}: no registration, while other paths have the key {}. I/O down it is refused "
                            "with RESERVATION CONFLICT as soon as there is a reservation",
                            fmt::join(up, ", "), to_string(*own_)),
                register_everywhere(reach_, *own_));
        if (!down.empty())
            add(Judgement::Warning,
                fmt::format("{}: down, and without a registration. When it comes back, multipathd registers "
                            "it before it is used, if it knows the key (reservation_key)",
                            fmt::join(down, ", ")));
    }

    void other_keys() {
        if (!own_) return;
        for (const PathView& view : picture_.paths)
            if (view.registration && view.registration->key != *own_)
                add(Judgement::Wrong,
                    fmt::format("{}: has the key {}, while other paths have {}. A host that is fenced by its "
                                "key keeps this path, and goes on writing through it{}",
                                view.path.name, to_string(view.registration->key), to_string(*own_),
                                own_key_->certain ? ""
                                                  : ". Which of them is the guest's cannot be told: let its "
                                                    "cluster register anew"),
                    own_key_->certain ? register_everywhere(reach_, *own_) : Fix{});
    }

    void stale_ones() {
        for (const DiskRegistration& one : picture_.stale) {
            const std::string words = fmt::format(
                "key {} is registered for a port of this host ({}, target port {}) that is no "
                "path of the disk now: nobody uses it, and nobody removes it",
                to_string(one.key), one.initiator, one.target_port);
            if (own_ && one.key != *own_)
                add(Judgement::Warning, words,
                    preempt(reach_, *own_, one.key, answer_.held ? answer_.held->type : 5));
            else
                add(Judgement::Warning, words + ". It goes when the cluster unregisters and registers anew");
        }
    }

    void holder() {
        if (!answer_.held) return;
        const ReservationKey key = answer_.held->key;
        const auto type = this->type();
        if (type && is_all_registrants(*type)) return;
        const auto& all = answer_.registrations;
        const bool there = std::any_of(all.begin(), all.end(), [&](const DiskRegistration& one) {
            return answer_.names_initiators ? one.holder : one.key == key;
        });
        if (!there && !answer_.truncated)
            add(Judgement::Wrong,
                fmt::format("the reservation is held by the key {}, which nobody has registered: nobody can "
                            "release it",
                            to_string(key)),
                own_ ? preempt(reach_, *own_, key, answer_.held->type) : Fix{});
        for (const PathView& view : picture_.paths) {
            if (!view.registration || !view.registration->holder) continue;
            if (!view.path.up())
                add(Judgement::Warning,
                    fmt::format("the reservation is held through {}, which is down ({}): the helper lets "
                                "another path take over when it is released or preempted",
                                view.path.name, view.path.state.empty() ? "gone" : view.path.state));
            if (type && !is_registrants_only(*type) && picture_.paths.size() > 1)
                add(Judgement::Wrong,
                    fmt::format("the reservation is of type {} ({}), held through {}: I/O down every other "
                                "path is refused, this host's own ones too. Let the cluster take a type from "
                                "5 to 8",
                                answer_.held->type, prh::name(*type), view.path.name));
        }
    }

    void shared_keys() {
        // A disk that is one path of a map has the others' registrations beside it.
        if (!own_ || !picture_.all_told() || !disk_.holders.empty()) return;
        std::set<std::string> others;
        for (const DiskRegistration& one : picture_.others)
            if (one.key == *own_) others.insert(one.initiator);
        if (others.empty()) return;
        add(Judgement::Warning,
            fmt::format("the key {} of this host is also that of {}: who preempts it hits both. After a live "
                        "migration that passes; otherwise give each host a key of its own in the cluster",
                        to_string(*own_), fmt::join(others, ", ")));
    }

    const LocalDisk& disk_;
    const DiskAnswer& answer_;
    const Picture& picture_;
    const Reach& reach_;
    const std::optional<OwnKey> own_key_;
    std::optional<ReservationKey> own_;
    Diagnoses found_;
};

}  // namespace

Diagnoses dangers_of(const LocalDisk& disk, const DiskAnswer& answer, const Picture& picture,
                     const Reach& reach) {
    return Look(disk, answer, picture, reach).all();
}

}  // namespace prh::ctl
