// SPDX-License-Identifier: MIT
#include "daemon/device_options.h"

namespace prh {

std::vector<LongOption> device_options(AllowedDevices& allowed) {
    return {{"allow-device", "wwid:NAME|PATH",
             "serve this disk, by whichever path and node; may be repeated\n"
             "(default: whatever a client has opened)",
             [&](const std::string& value) -> OptionError {
                 const Status added = allowed.add(value);
                 if (!added) return added.error().message;
                 return std::nullopt;
             }}};
}

}  // namespace prh
