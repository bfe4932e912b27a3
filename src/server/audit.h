// SPDX-License-Identifier: MIT
// The audit (--audit): a line for each PERSISTENT RESERVE OUT, in a file; and one in the log for those that
// somebody may have to explain at night.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "observe/audit_file.h"
#include "observe/log.h"
#include "server/audit_record.h"
#include "server/peers.h"
#include "wire/session.h"

namespace prh {

struct AuditSettings {
    std::string path;      ///< --audit; empty: no audit
    bool reads = false;    ///< --audit-reads: PERSISTENT RESERVE IN too
    bool durable = false;  ///< --audit-sync
};

class Audit {
  public:
    Audit(const AuditSettings& settings, std::unique_ptr<AuditFile> file, Log& log)
        : settings_(settings), file_(std::move(file)), log_(log) {}

    bool wants(const Request& request) const {
        return request.cdb.is_persistent_reserve_out() ||
               (settings_.reads && request.cdb.is_persistent_reserve_in());
    }
    void record(Peer& peer, const Request& request, DeviceIdentity device, const CommandResult& result,
                std::chrono::microseconds queued, std::chrono::microseconds on_device);
    AuditFile& file() { return *file_; }

  private:
    const AuditSettings settings_;
    const std::unique_ptr<AuditFile> file_;
    Log& log_;
};

}  // namespace prh
