// SPDX-License-Identifier: MIT
// The record of one map as a file of the state directory. At every moment it is what was saved last or what
// was saved before, never a mixture, whether the process dies or the power goes.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "multipath/map_record.h"
#include "multipath/state_directory.h"

namespace prh {

class FileRecordStore final : public RecordStore {
  public:
    /// `uuid`: the map's, which names the file; `title`: "dm-3 (mpatha)", for messages. `directory` outlives
    /// this.
    FileRecordStore(StateDirectory& directory, std::string_view uuid, std::string title,
                    std::function<void(std::string_view)> report);

    /// A file that is not a whole record is told of, put aside as NAME.bad, and taken for none.
    std::optional<MapRecord> load() override;
    /// A record of nothing removes the file. A failure is told once, until one succeeds.
    bool save(const MapRecord& record) override;

    /// Letters, digits and "-_." as they are, everything else as %XX: two uuids never share a file.
    static std::string file_name(std::string_view uuid);

  private:
    Result<std::string> read(FdRef directory) const;  // an empty text: there is no file
    Status write(FdRef directory, const std::string& text) const;

    StateDirectory& directory_;
    const std::string name_;
    const std::string title_;
    const std::function<void(std::string_view)> report_;
    bool failure_told_ = false;
};

}  // namespace prh
