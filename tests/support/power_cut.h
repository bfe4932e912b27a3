// SPDX-License-Identifier: MIT
// What a loss of power can leave of a directory, by what POSIX promises and no more: what was not
// synchronised may have reached the disk or not, in any order. No file system does all of it; each does some.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>

#include "support/recorded_files.h"

namespace prh::test {

using Files = std::map<std::string, std::string>;  ///< name, contents

enum class Cuts { EveryByte, Few };  ///< where the contents of a file that is not synchronised may end

/// Every state of a directory that was empty at first. Names: each change since the directory was
/// synchronised has happened or not (a rename is one change). Contents that are not synchronised: as they
/// were at the last synchronisation, or as they are now, or cut short, with zeros, garbage, or the former
/// contents where the rest should be.
std::set<Files> after_power_cut(std::span<const FileOperation> operations, Cuts cuts);

/// What the death of the process leaves.
Files after_death(std::span<const FileOperation> operations);

/// `files` and nothing else in the directory at `path`.
void put_into_directory(const Files& files, const std::string& path);

}  // namespace prh::test
