// SPDX-License-Identifier: MIT
#include "device/device_identity.h"

namespace prh {

std::string_view name(DeviceKind kind) {
    switch (kind) {
        case DeviceKind::Disk: return "disk";
        case DeviceKind::Generic: return "generic";
        case DeviceKind::Multipath: return "multipath";
        case DeviceKind::Emulated: return "emulated";
        case DeviceKind::Other: break;
    }
    return "other";
}

}  // namespace prh
