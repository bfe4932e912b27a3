// SPDX-License-Identifier: MIT
#include "server/audit.h"

namespace prh {

void Audit::record(Peer& peer, const Request& request, DeviceIdentity device, const CommandResult& result,
                   std::chrono::microseconds queued, std::chrono::microseconds on_device) {
    const AuditRecord record{std::chrono::system_clock::now(),
                             peer.credentials(),
                             peer.name(),
                             std::move(device),
                             request.cdb,
                             request.parameter_list,
                             result,
                             queued,
                             on_device};
    file_->write(record.to_json());
    if (record.notable()) log_.client(record.to_string());
}

}  // namespace prh
