// SPDX-License-Identifier: MIT
// The pid file: locked for life (fcntl write lock), so that a second instance with the same file is refused;
// removed at the end.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace prh {

class PidFile {
  public:
    /// Created 0600 (an existing file keeps its mode), locked, and written: the decimal pid and a newline.
    /// Symbolic links and anything but a regular file are refused: the file is written as root, in a place
    /// that others may write to.
    static Result<PidFile> create(const std::string& path);

    PidFile(PidFile&& other) noexcept;
    PidFile& operator=(PidFile&&) = delete;
    ~PidFile();

  private:
    PidFile(std::string path, UniqueFd file) : path_(std::move(path)), file_(std::move(file)) {}

    std::string path_;
    UniqueFd file_;
};

}  // namespace prh
