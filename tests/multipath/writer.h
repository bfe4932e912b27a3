// SPDX-License-Identifier: MIT
// The guest's I/O: it writes all the time through all paths. A write that is refused although the guest is
// entitled to it reaches the guest's file system as an I/O error, so there must be none at any moment of a
// request. It does not write through a path whose transport just failed a command: dm-multipath takes such a
// path out of use too, until its checker has seen it well again.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "multipath/simulated_lun.h"
#include "multipath/simulated_paths.h"

namespace prh::multipath {

class Writer {
  public:
    Writer(const SimulatedLun& lun, const SimulatedPaths& paths) : lun_(lun), paths_(paths) {}

    /// From now on every path that lets writes pass now must go on doing so.
    void expect_to_write() {
        could_.clear();
        for (std::size_t i = 0; i < paths_.size(); ++i)
            could_.push_back(paths_.online(i) && lun_.allows_write(paths_.nexus(i)));
    }
    void expect_nothing() { could_.clear(); }

    /// `after`: says what was sent last, if there is something to complain of.
    void try_each_path(const std::function<std::string()>& after) {
        for (std::size_t i = 0; i < could_.size(); ++i)
            if (could_[i] && paths_.online(i) && !paths_.failed_a_command(i) &&
                !lun_.allows_write(paths_.nexus(i)))
                complaints_ += "a write through path " + std::to_string(i) + " fails after " + after() + "\n";
    }

    const std::string& complaints() const { return complaints_; }

  private:
    const SimulatedLun& lun_;
    const SimulatedPaths& paths_;
    std::vector<bool> could_;
    std::string complaints_;
};

}  // namespace prh::multipath
