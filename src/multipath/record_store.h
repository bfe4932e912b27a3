// SPDX-License-Identifier: MIT
// The record of one map as a file of the state directory. At every moment it is what was saved last or what
// was saved before, never a mixture, whether the process dies or the power goes.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "multipath/map_record.h"
#include "multipath/state_directory.h"

namespace prh {

inline constexpr std::string_view kRecordSuffix = ".record";

class FileRecordStore final : public RecordStore {
  public:
    /// `uuid`: the map's, which names the file; `title`: "dm-3 (mpatha)", for messages. `directory` outlives
    /// this.
    FileRecordStore(StateDirectory& directory, std::string_view uuid, std::string title,
                    std::function<void(std::string_view)> report);

    /// By flock(2) of a file beside the record. Where there is no state directory, nothing is shared.
    Status lock() override;
    Status try_lock() override;
    void unlock() override { lock_ = {}; }
    /// A file that was read and is not a whole record of ours is reported, put aside as NAME.bad, and taken
    /// for none. One that cannot be read now stays where it is, and is an error.
    Result<std::optional<MapRecord>> load() override;
    /// A record of nothing removes the file. A failure is told once, until one succeeds.
    bool save(const MapRecord& record) override;
    /// The last save() succeeded, or there was none. May be asked by any thread.
    bool is_kept() const { return !failure_told_; }

    /// Letters, digits and "-_." as they are, everything else as %XX: two uuids never share a file.
    static std::string file_name(std::string_view uuid);

  private:
    struct Contents {
        std::string text;    // empty: there is no file
        std::string defect;  // why it is no record, whatever its text is
    };
    Status lock_for(std::chrono::milliseconds patience);
    Result<Contents> read(FdRef directory) const;
    void put_aside(FdRef directory, std::string_view why) const;
    Status save_in(FdRef directory, const MapRecord& record) const;
    Status write(FdRef directory, const std::string& text) const;
    Status report_unlockable(Error error);

    StateDirectory& directory_;
    const std::string name_;
    const std::string title_;
    const std::function<void(std::string_view)> report_;
    UniqueFd lock_;
    std::atomic<bool> failure_told_ = false;
    bool unreadable_told_ = false;
    bool unlockable_told_ = false;
};

}  // namespace prh
