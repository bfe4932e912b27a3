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

void Audit::record(const std::shared_ptr<ClientIdentity>& client, const Request& request,
                   DeviceIdentity device, std::vector<std::string> paths_used, const CommandResult& result,
                   std::chrono::microseconds queued, std::chrono::microseconds on_device) {
    AuditRecord record{std::chrono::system_clock::now(),
                       client->credentials(),
                       {},
                       std::move(device),
                       std::move(paths_used),
                       request.cdb,
                       request.parameter_list,
                       result,
                       queued,
                       on_device};
    names_.when_named(client, [this, client, record = std::move(record)]() mutable {
        record.peer_name = client->name();
        tell(record, client->source());
    });
}

void Audit::tell(const AuditRecord& record, std::uint64_t source) {
    std::string line = record.to_json();
    if (stream_wants(record.cdb)) stream_->publish(line, record.cdb.is_persistent_reserve_in());
    if (!file_wants(record.cdb)) return;
    // A process could hide what it did by flooding the file.
    file_->write(std::move(line), source, record.changed_something());
    if (record.notable()) log_.client(record.to_string(), Log::About::Commands);
}

}  // namespace prh
