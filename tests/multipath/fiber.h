// SPDX-License-Identifier: MIT
// A body of code that stops where it says so and goes on when it is told to: a thread without a kernel's
// scheduler, so that a test decides who runs, and millions of turns cost seconds.
#pragma once

#include <ucontext.h>

#include <exception>
#include <functional>
#include <memory>

namespace prh::multipath {

class Fiber {
  public:
    explicit Fiber(std::function<void()> body);
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;
    /// A body that has not ended is unwound: its yield() throws.
    ~Fiber();

    /// Runs the body until it yields or ends. What it throws, this throws.
    void resume();
    /// For the body: back to who called resume().
    void yield();
    bool ended() const { return ended_; }

  private:
    struct Unwound {};
    static void enter(unsigned high, unsigned low);
    void run();
    void switch_to_body();

    std::function<void()> body_;
    std::unique_ptr<char[]> stack_;
    ucontext_t here_{}, there_{};
    std::exception_ptr thrown_;
    bool begun_ = false, ended_ = false, unwinding_ = false;
    void* fake_stack_ = nullptr;  // AddressSanitizer's
};

}  // namespace prh::multipath
