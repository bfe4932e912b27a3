// SPDX-License-Identifier: MIT
#include "device/sysfs.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "base/errno.h"
#include "base/unique_fd.h"

namespace prh {

namespace {

/// Adds to `paths`, also where it fails.
std::error_code list_into(std::vector<std::string>& paths, const std::string& directory) {
    std::error_code error;  // operator++ of a range-for would throw
    for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error))
        paths.push_back(entry->path().string());
    return error;
}

}  // namespace

Result<std::optional<std::string>> read_sysfs_attribute(const std::string& path) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::array<char, 256> buffer;
    const ssize_t got = file.valid() ? ::read(file.get(), buffer.data(), buffer.size()) : -1;
    if (got < 0 && is_missing(errno)) return std::nullopt;
    if (got < 0) return fail_errno(path, errno);
    const std::string_view text(buffer.data(), static_cast<std::size_t>(got));
    return std::string(text.substr(0, text.find('\n')));
}

std::optional<std::string> sysfs_attribute(const std::string& path) {
    return read_sysfs_attribute(path).value_or(std::nullopt);
}

Result<std::vector<std::string>> list_sysfs(const std::string& directory) {
    std::vector<std::string> paths;
    const std::error_code error = list_into(paths, directory);
    if (error && !is_missing(error.value())) return fail_errno(directory, error.value());
    return paths;
}

std::vector<std::string> sysfs_entries(const std::string& directory) {
    std::vector<std::string> paths;
    list_into(paths, directory);
    return paths;
}

std::optional<std::vector<std::uint8_t>> sysfs_bytes(const std::string& path) {
    constexpr std::size_t kLongest = 4 + 65535;  // PAGE LENGTH has 16 bits (SPC-4 7.8.1)
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) return std::nullopt;
    std::vector<std::uint8_t> bytes;
    std::array<std::uint8_t, 4096> buffer;
    while (bytes.size() <= kLongest) {
        const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
        if (got < 0) return std::nullopt;
        if (got == 0) return bytes;
        bytes.insert(bytes.end(), buffer.begin(), buffer.begin() + got);
    }
    return std::nullopt;
}

}  // namespace prh
