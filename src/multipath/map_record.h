// SPDX-License-Identifier: MIT
// What must outlive the process for one multipath map, as a value and as a text of lines. The text is
// version 1, "key value" a line, ends with "end", and is refused as a whole if anything in it is wrong: a
// guess here could unfence a host.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "multipath/paths.h"
#include "scsi/reservation.h"

namespace prh {

/// A key swap that has begun (engine.h): registrations carry keys that nobody else knows.
struct KeySwap {
    struct Swapped {
        std::string path;    ///< "8:16"
        ReservationKey key;  ///< what the path carries meanwhile
        friend bool operator==(const Swapped&, const Swapped&) = default;
    };

    ReservationKey key;  ///< what they carried before and are to carry again, unless nobody has it any more
    std::vector<Swapped> swapped;
    friend bool operator==(const KeySwap&, const KeySwap&) = default;
};

struct MapRecord {
    ReservationKey key;  ///< of our registrations; zero: not registered, as far as is known
    bool aptpl = false;
    bool all_tg_pt = false;
    bool holding = false;               ///< the last reservation that was made or lost through us says so
    std::vector<PortPair> own;          ///< nexuses that are proved to be ours; sorted
    std::vector<std::string> missed;    ///< paths that may not carry `key`, or the lack of it; sorted
    ReservationKey trying;              ///< a REGISTER of this key has begun; zero: none has
    bool leaving = false;               ///< a REGISTER AND MOVE with UNREG has begun
    std::vector<ReservationKey> stale;  ///< keys that a nexus of ours may still have and must not; sorted
    std::optional<KeySwap> swap;

    static std::optional<MapRecord> parse(std::string_view text);
    std::string to_text() const;
    friend bool operator==(const MapRecord&, const MapRecord&) = default;
};

/// Where the record of one map is kept. A record that cannot be kept is reported by the implementation.
class RecordStore {
  public:
    virtual ~RecordStore() = default;
    /// Every process of this host that serves the map does so under this lock, one at a time, and reads the
    /// record afresh. An error: it cannot be had now, or another process has had it for too long.
    virtual Status lock() = 0;
    virtual Status try_lock() { return lock(); }  ///< the same without waiting
    virtual void unlock() = 0;
    /// Nothing: there is none. An error: there may be one, and it cannot be read now.
    virtual Result<std::optional<MapRecord>> load() = 0;
    virtual bool save(const MapRecord& record) = 0;  ///< false: it is not kept
};

}  // namespace prh
