// SPDX-License-Identifier: MIT
#include "diagnose/picture.h"

#include <algorithm>
#include <map>

namespace prh::ctl {
namespace {

constexpr std::string_view kIsid = ",i,0x";
constexpr std::string_view kAllPorts = "all";

std::string_view iscsi_name(std::string_view initiator) { return initiator.substr(0, initiator.find(kIsid)); }

/// A TransportID without ISID names every port of its initiator (SPC-4 7.6.4.6). Of a path the name may be
/// all that is known: software iSCSI does not show its ISID.
bool same_initiator(const std::string& registered, const std::string& path) {
    return registered == path || iscsi_name(path) == registered || iscsi_name(registered) == path;
}

/// READ FULL STATUS says 0 where the port was not told (SPC-4 6.15.5).
bool may_be_port(const std::string& registered, const std::string& path) {
    return registered == kAllPorts || path.empty() || registered == path;
}

bool is_of_this_host(const LocalDisk& disk, const std::string& initiator) {
    const auto is = [&](const std::string& own) { return own == initiator || own == iscsi_name(initiator); };
    return std::any_of(disk.initiators.begin(), disk.initiators.end(), is) ||
           std::any_of(disk.paths.begin(), disk.paths.end(),
                       [&](const LocalPath& path) { return !path.initiator.empty() && is(path.initiator); });
}

class Placing {
  public:
    explicit Placing(const DiskAnswer& answer) : answer_(answer) {}

    PathView place(const LocalPath& path, bool& by_target_port) {
        PathView view{path, std::nullopt, true};
        std::vector<const DiskRegistration*> candidates;
        for (const DiskRegistration& one : answer_.registrations)
            if (fits(one, path)) candidates.push_back(&one);
        const bool sure_of_port = !path.target_port.empty();
        if (path.initiator.empty() && (!sure_of_port || hidden())) view.told = false;
        if (candidates.size() > 1) view.told = false;
        if (!view.told || candidates.empty()) return view;
        by_target_port = by_target_port || path.initiator.empty();
        placed_.push_back(candidates.front());
        view.registration = *candidates.front();
        return view;
    }

    bool is_placed(const DiskRegistration& one) const {
        return std::count(placed_.begin(), placed_.end(), &one) != 0;
    }

  private:
    bool fits(const DiskRegistration& one, const LocalPath& path) const {
        if (!path.initiator.empty())
            return same_initiator(one.initiator, path.initiator) &&
                   may_be_port(one.target_port, path.target_port);
        return one.target_port == path.target_port;
    }
    /// A registration through all target ports names the initiator port alone.
    bool hidden() const {
        return std::any_of(answer_.registrations.begin(), answer_.registrations.end(),
                           [](const DiskRegistration& one) { return one.target_port == kAllPorts; });
    }

    const DiskAnswer& answer_;
    std::vector<const DiskRegistration*> placed_;
};

}  // namespace

bool Picture::all_told() const {
    return std::all_of(paths.begin(), paths.end(), [](const PathView& view) { return view.told; });
}

std::optional<OwnKey> Picture::own_key() const {
    std::map<ReservationKey, std::size_t> votes;  // a path has two, and the one that holds a third
    for (const PathView& view : paths)
        if (view.registration) votes[view.registration->key] += view.registration->holder ? 3 : 2;
    std::optional<OwnKey> own;
    std::size_t most = 0;
    for (const auto& [key, count] : votes) {
        if (count == most) own->certain = false;
        if (count > most) own = OwnKey{key, true};
        most = std::max(most, count);
    }
    return own;
}

Picture picture_of(const LocalDisk& disk, const DiskAnswer& answer) {
    Picture picture;
    if (!answer.names_initiators) {
        // Without any key there is nothing to lay over anything.
        for (const LocalPath& path : disk.paths)
            picture.paths.push_back({path, std::nullopt, answer.registrations.empty()});
        picture.others = answer.registrations;
        return picture;
    }
    Placing placing(answer);
    for (const LocalPath& path : disk.paths)
        picture.paths.push_back(placing.place(path, picture.by_target_port));
    for (const DiskRegistration& one : answer.registrations) {
        if (placing.is_placed(one)) continue;
        // Beside a single disk there may be others that are paths to the same logical unit.
        const bool stale = disk.several_paths() && picture.all_told() && is_of_this_host(disk, one.initiator);
        (stale ? picture.stale : picture.others).push_back(one);
    }
    return picture;
}

}  // namespace prh::ctl
