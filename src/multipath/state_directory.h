// SPDX-License-Identifier: MIT
// The directory for what must outlive the process: ours alone, made when it is missing, reached through its
// descriptor.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace prh {

/// Gone after a reboot, as registrations without APTPL are.
constexpr char kDefaultStateDirectory[] = "/run/qemu-pr-helper";

class StateDirectory {
  public:
    /// `report`: is told once if there is none to be had.
    StateDirectory(std::string path, std::function<void(std::string_view)> report)
        : path_(std::move(path)), report_(std::move(report)) {}

    const std::string& path() const { return path_; }

    /// While the process may still make directories and give them away: for the user that it becomes, or is.
    /// One that another process uses, or that has files of another user, is left alone.
    void prepare_for(uid_t user);

    /// Made (0700) if it is missing, also if it was removed since. Null: there is none, which was told. An
    /// error: there may be one, and it cannot be opened now.
    Result<std::shared_ptr<const UniqueFd>> get();
    /// The same, if it is there: makes none, reports nothing.
    Result<std::shared_ptr<const UniqueFd>> find();

  private:
    Result<UniqueFd> open() const;
    Result<UniqueFd> open_or_make() const;
    bool give(FdRef directory, uid_t user) const;
    void adopt(UniqueFd directory);
    tl::unexpected<Error> unreadable(int code) const;

    const std::string path_;
    const std::function<void(std::string_view)> report_;
    std::mutex mutex_;
    std::shared_ptr<const UniqueFd> directory_;
    bool reported_ = false;
};

}  // namespace prh
