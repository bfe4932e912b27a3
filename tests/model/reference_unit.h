// SPDX-License-Identifier: MIT
// A second model of persistent reservations, to compare the first with: written from the rules of SPC-4 alone
// over a fixed table of nexuses, with sets where the other has lists and with words where the other has
// bytes. It shares no code with src/emul.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "model/request.h"

namespace prh::model {

class ReferenceUnit {
  public:
    ReferenceUnit(bool persists, std::size_t limit) : persists_(persists), limit_(limit) {}

    /// "GOOD", "CONFLICT" or "5/26/00".
    std::string answer(const Request& request);

    struct Row {
        std::uint64_t key = 0;  ///< zero: not registered
        std::vector<std::string> attentions = {};
    };
    const Row& row(int nexus) const { return rows_.at(static_cast<std::size_t>(nexus)); }
    const std::set<int>& holders() const { return holders_; }
    int type() const { return type_; }  ///< 0: nothing is held
    std::uint32_t generation() const { return generation_; }
    bool aptpl() const { return aptpl_; }
    bool may(int nexus, bool write) const;

  private:
    Row& at(int nexus) { return rows_.at(static_cast<std::size_t>(nexus)); }
    std::string out(const Request& request);
    std::string register_for(const Request& request, bool ignore);
    std::string move(const Request& request);
    std::string preempt(const Request& request);
    std::set<int> registered() const;
    void forget(const std::set<int>& nexuses, int sender);
    void tell(const std::set<int>& nexuses, int sender, const std::string& what);
    void hold(int sender, int type);

    bool persists_;
    std::size_t limit_;
    std::array<Row, kNexuses> rows_{};
    std::set<int> holders_;
    int type_ = 0;
    std::uint32_t generation_ = 0;
    bool aptpl_ = false;
};

}  // namespace prh::model
