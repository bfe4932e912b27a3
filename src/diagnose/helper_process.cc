// SPDX-License-Identifier: MIT
#include "diagnose/helper_process.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace prh::ctl {
namespace {

namespace fs = std::filesystem;

std::string whole(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// What follows "NAME:" and blanks in a line.
std::optional<std::string_view> member(std::string_view text, std::string_view name) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = text.substr(at, end - at);
        at = end + 1;
        if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != ':') continue;
        line.remove_prefix(name.size() + 1);
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        return line;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> hexadecimal(std::optional<std::string_view> text) {
    std::uint64_t value = 0;
    if (!text || text->empty()) return std::nullopt;
    const char* const end = text->data() + text->size();
    const auto [stopped, error] = std::from_chars(text->data(), end, value, 16);
    if (error != std::errc{} || stopped != end) return std::nullopt;
    return value;
}

std::vector<std::string> words_of(const std::string& command_line) {
    std::vector<std::string> words;
    std::istringstream parts(command_line);
    for (std::string word; std::getline(parts, word, '\0');) words.push_back(word);
    return words;
}

}  // namespace

std::optional<ThreadRights> parse_thread_rights(std::string_view status) {
    const auto effective = hexadecimal(member(status, "CapEff"));
    const auto permitted = hexadecimal(member(status, "CapPrm"));
    const auto no_new = member(status, "NoNewPrivs");
    const auto seccomp = member(status, "Seccomp");
    if (!effective || !permitted || !no_new || !seccomp) return std::nullopt;
    return ThreadRights{*effective, *permitted, *no_new == "1", *seccomp == "2"};
}

std::string parse_unit(std::string_view cgroup) {
    const std::size_t end = cgroup.rfind(".service");
    if (end == std::string_view::npos) return {};
    const std::size_t start = cgroup.rfind('/', end);
    if (start == std::string_view::npos) return {};
    constexpr std::size_t kSuffix = 8;
    return std::string(cgroup.substr(start + 1, end + kSuffix - start - 1));
}

std::optional<HelperProcess> helper_process(pid_t pid, const std::string& proc) {
    const std::string directory = proc + "/" + std::to_string(pid);
    HelperProcess process;
    process.pid = pid;
    const std::string status = whole(directory + "/status");
    const auto name = member(status, "Name");
    if (pid <= 0 || !name) return std::nullopt;
    process.name = std::string(*name);
    std::error_code error;
    for (fs::directory_iterator at(directory + "/task", error), end; !error && at != end; at.increment(error))
        if (const auto rights = parse_thread_rights(whole(at->path().string() + "/status")))
            process.threads.push_back(*rights);  // else it has just ended
    process.command_line = words_of(whole(directory + "/cmdline"));
    process.unit = parse_unit(whole(directory + "/cgroup"));
    return process;
}

}  // namespace prh::ctl
