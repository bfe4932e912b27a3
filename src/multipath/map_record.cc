// SPDX-License-Identifier: MIT
#include "multipath/map_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace prh {
namespace {

constexpr std::string_view kVersion = "version 1";
constexpr std::string_view kEnd = "end";
constexpr std::size_t kLongest = 1U << 20;  // bytes of text: some thousand nexuses with the longest names

/// In words where these say all of it and are one word, else the bytes: a target may name ports as it likes.
std::string text_of(const TransportId& id) {
    const std::string words = id.to_string();
    const bool is_one_word =
        std::all_of(words.begin(), words.end(), [](char c) { return c > ' ' && c < 0x7F; });
    return is_one_word && TransportId::from_string(words) == id ? words : hexadecimal(id.bytes());
}

std::string text_of(ReservationKey key) { return fmt::format("0x{:016x}", key.value); }

template <class T>
std::vector<T> sorted(std::vector<T> values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

template <class T>
bool parse_number(std::string_view text, T& into, int base = 10) {
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, into, base);
    return error == std::errc{} && stopped == end && !text.empty();
}

/// Reads line by line and word by word. It is generous: whatever is not exactly as we write it is found out
/// by writing it again.
class Reading {
  public:
    explicit Reading(std::string_view text) : rest_(text) {}

    /// The next line, if it begins with `key`; what follows that is left to the functions below.
    bool at(std::string_view key) {
        const std::string_view line = rest_.substr(0, rest_.find('\n'));
        if (!line.starts_with(key) || (line.size() > key.size() && line[key.size()] != ' ')) return false;
        rest_.remove_prefix(std::min(rest_.size(), line.size() + 1));
        words_ = line.substr(std::min(line.size(), key.size() + 1));
        return true;
    }
    std::string_view word() {
        const std::string_view first = words_.substr(0, words_.find(' '));
        words_.remove_prefix(std::min(words_.size(), first.size() + 1));
        return first;
    }
    bool key(ReservationKey& into) {
        const std::string_view text = word();
        return text.starts_with("0x") && parse_number(text.substr(2), into.value, 16);
    }
    bool flag(std::string_view name, bool& into) {
        if (!at(name)) return false;
        into = word() == "1";
        return true;
    }
    /// "8:16"
    bool path(std::string& into) {
        into = word();
        const std::size_t colon = into.find(':');
        unsigned part = 0;
        return colon != std::string::npos && parse_number(std::string_view(into).substr(0, colon), part) &&
               parse_number(std::string_view(into).substr(colon + 1), part);
    }

  private:
    std::string_view rest_;
    std::string_view words_;
};

bool read_own(Reading& reading, std::vector<PortPair>& into) {
    PortPair pair;
    if (!parse_number(reading.word(), pair.target_port)) return false;
    const auto id = TransportId::from_string(reading.word());
    if (!id) return false;
    pair.initiator_port = *id;
    into.push_back(std::move(pair));
    return true;
}

bool read_swap(Reading& reading, std::optional<KeySwap>& into) {
    KeySwap swap;
    if (!reading.key(swap.key)) return false;
    while (reading.at("swapped")) {
        KeySwap::Swapped path;
        if (!reading.path(path.path) || !reading.key(path.key)) return false;
        const auto is_it = [&](const KeySwap::Swapped& other) { return other.path == path.path; };
        if (std::any_of(swap.swapped.begin(), swap.swapped.end(), is_it)) return false;
        swap.swapped.push_back(std::move(path));
    }
    into = std::move(swap);
    return true;
}

}  // namespace

std::optional<MapRecord> MapRecord::parse(std::string_view text) {
    if (text.size() > kLongest) return std::nullopt;
    Reading reading(text);
    MapRecord record;
    if (!reading.at(kVersion) || !reading.at("key") || !reading.key(record.key) ||
        !reading.flag("aptpl", record.aptpl) || !reading.flag("all_tg_pt", record.all_tg_pt) ||
        !reading.flag("holding", record.holding) || !reading.at("trying") || !reading.key(record.trying) ||
        !reading.flag("leaving", record.leaving))
        return std::nullopt;
    while (reading.at("own"))
        if (!read_own(reading, record.own)) return std::nullopt;
    while (reading.at("missed"))
        if (!reading.path(record.missed.emplace_back())) return std::nullopt;
    while (reading.at("stale"))
        if (!reading.key(record.stale.emplace_back())) return std::nullopt;
    if (reading.at("swap") && !read_swap(reading, record.swap)) return std::nullopt;
    // Anything doubled, out of order, unknown, missing or in excess would be written otherwise.
    if (!reading.at(kEnd) || record.to_text() != text) return std::nullopt;
    return record;
}

std::string MapRecord::to_text() const {
    std::string text =
        fmt::format("{}\nkey {}\naptpl {:d}\nall_tg_pt {:d}\nholding {:d}\ntrying {}\nleaving {:d}\n",
                    kVersion, text_of(key), aptpl, all_tg_pt, holding, text_of(trying), leaving);
    for (const PortPair& pair : sorted(own))
        text += fmt::format("own {} {}\n", pair.target_port, text_of(pair.initiator_port));
    for (const std::string& path : sorted(missed)) text += fmt::format("missed {}\n", path);
    for (const ReservationKey stale_key : sorted(stale))
        text += fmt::format("stale {}\n", text_of(stale_key));
    if (swap) {
        text += fmt::format("swap {}\n", text_of(swap->key));
        for (const KeySwap::Swapped& path : swap->swapped)
            text += fmt::format("swapped {} {}\n", path.path, text_of(path.key));
    }
    return text += fmt::format("{}\n", kEnd);
}

}  // namespace prh
