// SPDX-License-Identifier: MIT
#include "device/allowed_devices.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "device/disk_identity.h"
#include "scsi/wwid.h"

namespace prh {

Status AllowedDevices::add(const std::string& value) {
    constexpr std::string_view kWwid = "wwid:";
    if (value.starts_with(kWwid)) {
        std::string name = canonical_wwid(value.substr(kWwid.size()));
        if (name.empty())
            return fail(
                fmt::format("invalid --allow-device '{}': give a WWID as multipath -ll or "
                            "/sys/block/*/device/wwid shows it",
                            value));
        wwids_.push_back(std::move(name));
        return {};
    }
    if (!value.starts_with('/'))
        return fail(fmt::format("invalid --allow-device '{}': give wwid:NAME or a path below /dev", value));
    const UniqueFd node(::open(value.c_str(), O_PATH | O_CLOEXEC));
    if (!node.valid())
        return fail(fmt::format("invalid --allow-device '{}': {} (wwid:NAME is for a disk that comes later)",
                                value, std::strerror(errno)));
    DescriptorClassifier classifier("/sys", DescriptorClassifier::Of::Administrator);
    const DeviceIdentity identity = identify_disk(node.ref(), classifier);
    if (identity.wwids.empty())
        return fail(fmt::format("invalid --allow-device '{}': it is no disk with a WWID", value));
    const std::vector<std::string> names = telling_wwids(identity.wwids);
    wwids_.insert(wwids_.end(), names.begin(), names.end());
    return {};
}

bool AllowedDevices::admit(const DeviceIdentity& identity) const {
    return std::find_first_of(identity.wwids.begin(), identity.wwids.end(), wwids_.begin(), wwids_.end()) !=
           identity.wwids.end();
}

}  // namespace prh
