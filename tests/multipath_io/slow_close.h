// SPDX-License-Identifier: MIT
// close(2) of a disk that does not answer: it returns when this ends.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>

#include "base/unique_fd.h"
#include "support/process.h"

namespace prh::test {

class SlowClose {
  public:
    ~SlowClose() {
        release_.set_value();
        eventually([this] { return counts_->ended == counts_->begun; });
    }

    std::function<void(UniqueFd)> close() {
        return [counts = counts_, released = released_](UniqueFd) {
            ++counts->begun;
            released.wait_for(std::chrono::seconds(10));  // a caller that does wait shall fail, and not hang
            ++counts->ended;
        };
    }
    int begun() const { return counts_->begun; }
    int ended() const { return counts_->ended; }

  private:
    struct Counts {
        std::atomic<int> begun = 0;
        std::atomic<int> ended = 0;
    };
    const std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
    std::promise<void> release_;
    const std::shared_future<void> released_ = release_.get_future().share();
};

}  // namespace prh::test
