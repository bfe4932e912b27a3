// SPDX-License-Identifier: MIT
// The records of the state directory, looked at from outside: no lock is taken and nothing is reported. What
// is seen is a hint; whoever acts on it reads the record again under its lock (record_store.h).
#pragma once

#include <sys/types.h>

#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "multipath/map_record.h"

namespace prh {

struct RecordFile {
    std::string name;
    ino_t inode = 0;  ///< another one each time that it is saved
    time_t seconds = 0;
    long nanoseconds = 0;

    friend bool operator==(const RecordFile&, const RecordFile&) = default;
};

/// All of them, sorted by name.
Result<std::vector<RecordFile>> list_records(FdRef directory);
/// Nothing: there is none, or it is no whole record. An error: it cannot be read now.
Result<std::optional<MapRecord>> peek_at_record(FdRef directory, const std::string& name);

}  // namespace prh
