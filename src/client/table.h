// SPDX-License-Identifier: MIT
// Rows in columns, for a terminal. Pure. Whatever stands in a cell is made printable.
#pragma once

#include <string>
#include <vector>

namespace prh::ctl {

class Table {
  public:
    explicit Table(std::vector<std::string> header) : columns_(header.size()) { add(std::move(header)); }

    void add(std::vector<std::string> cells);  ///< as many as the header has
    bool empty() const { return rows_.size() == 1; }
    /// Each line begins with `indent`; an empty table is no line at all.
    std::string text(std::string_view indent = "  ") const;

  private:
    std::size_t columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace prh::ctl
