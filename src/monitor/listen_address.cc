// SPDX-License-Identifier: MIT
#include "monitor/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace prh::ctl {
namespace {

struct HostAndPort {
    std::string host;
    std::string_view port;
};

/// Of "HOST:PORT" and "[HOST]:PORT"; the port is empty where there is none.
HostAndPort split(std::string_view text) {
    const std::size_t bracket = text.starts_with('[') ? text.find(']') : std::string_view::npos;
    const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
    const std::string_view host = text.substr(0, colon);
    const std::string_view port = colon == std::string_view::npos ? "" : text.substr(colon + 1);
    if (bracket == std::string_view::npos) return {std::string(host), port};
    if (bracket + 1 != host.size()) return {};
    return {std::string(text.substr(1, bracket - 1)), port};
}

std::optional<int> number(std::string_view text) {
    constexpr int kLargest = 65535;
    int value = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > kLargest)
        return std::nullopt;
    return value;
}

/// Whether it is an address of loopback; nothing if it is no address.
std::optional<bool> loopback(const std::string& host) {
    constexpr std::uint32_t kLoopbackNetwork = 127;  // 127.0.0.0/8, RFC 1122 3.2.1.3
    in_addr four{};
    if (::inet_pton(AF_INET, host.c_str(), &four) == 1) return ntohl(four.s_addr) >> 24 == kLoopbackNetwork;
    in6_addr six{};
    if (::inet_pton(AF_INET6, host.c_str(), &six) == 1) return IN6_IS_ADDR_LOOPBACK(&six) != 0;
    return std::nullopt;
}

}  // namespace

std::string ListenAddress::url(int chosen_port) const {
    const bool six = host.find(':') != std::string::npos;
    return fmt::format("http://{}{}{}:{}/", six ? "[" : "", host, six ? "]" : "", chosen_port);
}

Expected<ListenAddress> parse_listen_address(std::string_view text) {
    HostAndPort parts = split(text);
    if (parts.host == "localhost") parts.host = "127.0.0.1";
    const std::optional<bool> is_loopback = loopback(parts.host);
    const std::optional<int> port = number(parts.port);
    if (!is_loopback || !port)
        return fail(
            ExitCode::SyntaxError,
            fmt::format(
                "--listen: '{}' is not ADDRESS:PORT with a numeric address and a port of 0 to 65535, as "
                "127.0.0.1:9798 or [::1]:9798",
                text));
    return ListenAddress{parts.host, *port, *is_loopback};
}

bool names_loopback(std::string_view host_header) {
    const HostAndPort parts = split(host_header);
    return parts.host == "localhost" || loopback(parts.host).value_or(false);
}

}  // namespace prh::ctl
