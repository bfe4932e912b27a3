// SPDX-License-Identifier: MIT
#include "server/audit.h"

namespace prh {

bool Audit::file_wants(const Cdb& cdb) const {
    return file_ != nullptr &&
           (cdb.changes_something() || (settings_.reads && cdb.is_persistent_reserve_in()));
}

bool Audit::stream_wants(const Cdb& cdb) const {
    return stream_ != nullptr && stream_->wanted(cdb.is_persistent_reserve_in());
}

bool Audit::wants(const Request& request) const {
    return file_wants(request.cdb) || stream_wants(request.cdb);
}

void Audit::record(Peer& peer, const Request& request, DeviceIdentity device,
                   std::vector<std::string> paths_used, const CommandResult& result,
                   std::chrono::microseconds queued, std::chrono::microseconds on_device) {
    const AuditRecord record{std::chrono::system_clock::now(),
                             peer.credentials(),
                             peer.name(),
                             std::move(device),
                             std::move(paths_used),
                             request.cdb,
                             request.parameter_list,
                             result,
                             queued,
                             on_device};
    std::string line = record.to_json();
    if (stream_wants(request.cdb)) stream_->publish(line, request.cdb.is_persistent_reserve_in());
    if (!file_wants(request.cdb)) return;
    // A process could hide what it did by flooding the file; one that this one cannot see is known by its
    // user.
    const auto pid = static_cast<std::uint64_t>(peer.credentials().pid);
    const std::uint64_t source = pid != 0 ? pid : std::uint64_t{peer.credentials().uid} << 32;
    file_->write(std::move(line), source, record.changed_something());
    if (record.notable()) log_.client(record.to_string(), Log::About::Commands);
}

}  // namespace prh
