// SPDX-License-Identifier: MIT
// The audit: a line for each PERSISTENT RESERVE OUT and each clean-up after a live migration, in a file
// (--audit) and for who follows them
// (--control); and with a file, one in the log for those that somebody may have to explain at night.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "observe/audit_file.h"
#include "observe/log.h"
#include "server/audit_record.h"
#include "server/audit_stream.h"
#include "server/client_names.h"
#include "wire/session.h"

namespace prh {

struct AuditSettings {
    std::string path;      ///< --audit; empty: no audit
    bool reads = false;    ///< --audit-reads: PERSISTENT RESERVE IN too
    bool durable = false;  ///< --audit-sync
};

class Audit {
  public:
    /// `file` or `stream` may be null.
    Audit(const AuditSettings& settings, std::unique_ptr<AuditFile> file, AuditStream* stream, Log& log,
          ClientNames& names)
        : settings_(settings), file_(std::move(file)), stream_(stream), log_(log), names_(names) {}

    /// Somebody is to be told of it.
    bool wants(const Request& request) const;
    /// It is told once the client has a name, or is known to have none (ClientNames::when_named).
    void record(const std::shared_ptr<ClientIdentity>& client, const Request& request, DeviceIdentity device,
                std::vector<std::string> paths_used, const CommandResult& result,
                std::chrono::microseconds queued, std::chrono::microseconds on_device);
    AuditFile* file() { return file_.get(); }

  private:
    void tell(const AuditRecord& record, std::uint64_t source);
    bool file_wants(const Cdb& cdb) const;
    bool stream_wants(const Cdb& cdb) const;

    const AuditSettings settings_;
    const std::unique_ptr<AuditFile> file_;
    AuditStream* const stream_;
    Log& log_;
    ClientNames& names_;
};

}  // namespace prh
