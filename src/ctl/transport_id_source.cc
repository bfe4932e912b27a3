// SPDX-License-Identifier: MIT
#include "ctl/transport_id_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/unique_fd.h"
#include "ctl/values.h"

namespace prh::ctl {
namespace {

constexpr std::string_view kFilePrefix = "file=";
constexpr std::string_view kStandardInput = "-";

/// A request holds at most 341 TransportIDs of 24 bytes: their text, with comments, is far shorter.
constexpr std::size_t kMaximumText = 1 << 20;

Expected<std::string> read_all(const std::string& name) {
    const auto failed = [&](std::string_view why) {
        return fail(ExitCode::FileError, fmt::format("cannot read TransportIDs from '{}': {}", name, why));
    };
    UniqueFd file;
    FdRef source(STDIN_FILENO);
    if (name != kStandardInput) {
        file = UniqueFd(::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
        if (!file.valid()) return failed(std::strerror(errno));
        source = file.ref();
    }
    std::string text;
    char buffer[4096];
    while (text.size() <= kMaximumText) {
        const ssize_t got = ::read(source.get(), buffer, sizeof buffer);
        if (got == 0) return text;
        if (got > 0)
            text.append(buffer, static_cast<std::size_t>(got));
        else if (errno != EINTR)
            return failed(std::strerror(errno));
    }
    return failed("it is longer than any list of them");
}

}  // namespace

Expected<std::vector<TransportId>> load_transport_ids(const std::vector<std::string>& given) {
    std::vector<TransportId> ids;
    for (const std::string& source : given) {
        const bool is_file = source.starts_with(kFilePrefix);
        if (!is_file && source != kStandardInput) {
            Parsed<TransportId> id = parse_transport_id(source);
            if (!id) return fail(ExitCode::SyntaxError, "--transport-id: " + id.error());
            ids.push_back(std::move(*id));
            continue;
        }
        const Expected<std::string> text = read_all(is_file ? source.substr(kFilePrefix.size()) : source);
        if (!text) return tl::unexpected<Failure>(text.error());
        const Parsed<std::vector<TransportId>> lines = parse_transport_id_lines(*text);
        if (!lines)
            return fail(ExitCode::SyntaxError, fmt::format("--transport-id={}: {}", source, lines.error()));
        ids.insert(ids.end(), lines->begin(), lines->end());
    }
    return ids;
}

}  // namespace prh::ctl
