// SPDX-License-Identifier: MIT
// What travels over multipathd's socket: a length of eight bytes in the machine's order, then a text that
// ends with NUL. Replies are words for people, which changed over the versions; here they become values.
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "multipath/path_manager.h"

namespace prh {

constexpr std::size_t kMultipathdLength = 8;             ///< bytes before each text
constexpr std::size_t kMultipathdLongestCommand = 512;   ///< NUL included; multipathd drops who sends more
constexpr std::size_t kMultipathdLongestReply = 65'536;  ///< ours are a few words, or the help text

/// The length and the text in one piece, since multipathd reads the length with one call. Nothing if it is
/// too long.
std::optional<std::vector<std::uint8_t>> multipathd_frame(std::string_view command);
/// How long the text is that follows these eight bytes; nothing if no reply has such a length.
std::optional<std::size_t> multipathd_reply_length(ConstBytes length);

enum class MultipathdAnswer {
    Ok,
    Refused,           ///< "fail": for a reason that it tells only its log
    PermissionDenied,  ///< whoever opened the connection was not root
    Busy,              ///< "timeout": it got no turn at its own lock
    NotUnderstood,     ///< it does not have this command
};

MultipathdAnswer multipathd_answer(std::string_view reply);

/// The reply to "getprkey".
struct MultipathdKey {
    MultipathdAnswer answer = MultipathdAnswer::Ok;
    std::optional<PathManager::Key> key;  ///< nothing: it has none, or did not say
};
MultipathdKey multipathd_key(std::string_view reply);

/// Whether this is a reply of "getprstatus" or "getprhold" that tells the state, whichever it is.
bool multipathd_tells_state(std::string_view reply);

}  // namespace prh
