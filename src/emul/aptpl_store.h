// SPDX-License-Identifier: MIT
// Where APTPL state outlives the process: one file per logical unit in a state directory, named
// MAJOR:MINOR-INODE-SECONDS.NANOSECONDS.aptpl after the file that is the logical unit. At every moment the
// file holds either what was saved last or what was saved before, never a mixture: a power loss restores one
// of the two. One process at a time has a directory.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "emul/aptpl_state.h"
#include "emul/logical_unit_identity.h"

namespace prh {

class AptplStore {
  public:
    /// Absolute: a process that goes into the background changes its working directory.
    const std::string& directory() const { return path_; }

    /// Takes an existing directory, and holds it until the store ends.
    static Result<AptplStore> open(const std::string& path);

    /// What was saved last; an empty state if there is nothing. The error names the file, says what is wrong
    /// with it and what to do.
    Result<AptplState> load(const LogicalUnitIdentity& identity) const;

    /// Durable when it returns. A state that holds nothing removes the file. After an error the file holds
    /// the state before, except where only the last step failed (the directory could not be synchronised):
    /// then it may hold either, and the next save settles it. Not for two threads and one logical unit at a
    /// time.
    Status save(const LogicalUnitIdentity& identity, const AptplState& state) const;

    static std::string file_name(const LogicalUnitIdentity& identity);

  private:
    AptplStore(std::string path, UniqueFd directory, UniqueFd lock);
    Status write_new(const std::string& name, ConstBytes image) const;
    Status remove(const std::string& name) const;
    Status synchronise() const;
    std::string in_directory(const std::string& name) const { return path_ + "/" + name; }

    std::string path_;  ///< for messages; files are reached through the descriptor
    UniqueFd directory_;
    UniqueFd lock_;
};

}  // namespace prh
