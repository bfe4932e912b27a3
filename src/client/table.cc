// SPDX-License-Identifier: MIT
#include "client/table.h"

#include <algorithm>

#include "base/check.h"
#include "client/printable.h"

namespace prh::ctl {
namespace {

/// Characters of UTF-8: its bytes but the continuations.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

void Table::add(std::vector<std::string> cells) {
    PRH_CHECK(cells.size() == columns_);
    for (std::string& cell : cells) cell = printable(cell);
    rows_.push_back(std::move(cells));
}

std::string Table::text(std::string_view indent) const {
    if (empty()) return {};
    std::vector<std::size_t> widths(columns_, 0);
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < columns_; ++i) widths[i] = std::max(widths[i], width(row[i]));
    std::string text;
    for (const auto& row : rows_) {
        std::string line(indent);
        for (std::size_t i = 0; i < columns_; ++i) {
            line += row[i];
            line.append(widths[i] - width(row[i]) + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

}  // namespace prh::ctl
