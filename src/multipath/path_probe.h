// SPDX-License-Identifier: MIT
// Whether a path answers, found out on no request's way: INQUIRY, which takes no unit attention from the
// guest (SAM-5, unit attention conditions), and conflicts with no reservation (SPC-4, table "commands that
// are allowed in the presence of various reservations").
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "multipath/path_set.h"

namespace prh {

class PathProbe {
  public:
    /// Of the disk "sda", whose number is "8:0".
    PathProbe(std::string name, std::string number) : name_(std::move(name)), number_(std::move(number)) {}

    enum class Answer {
        None,      ///< not yet
        Alive,     ///< it has answered
        Dead,      ///< the transport failed, or it hung until the kernel gave up
        NoNode,    ///< its node is not for this program; what a request says of it, it may say
        Shortage,  ///< there was no descriptor to be had
    };
    Answer answer() const { return answer_; }
    const std::string& number() const { return number_; }
    bool took_long() const { return took_long_; }  ///< it hung for a while

    /// The probing, a job for a courier: opens the disk's node and sends a command, both of which may hang.
    static std::function<void()> job(const std::shared_ptr<PathProbe>& probe,
                                     const PathSetSettings& settings);

  private:
    const std::string name_;
    const std::string number_;
    std::atomic<bool> took_long_ = false;
    std::atomic<Answer> answer_ = Answer::None;
};

}  // namespace prh
