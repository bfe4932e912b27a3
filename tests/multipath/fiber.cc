// SPDX-License-Identifier: MIT
#include "multipath/fiber.h"

#include <cstdint>
#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#define PRH_ASAN_FIBERS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PRH_ASAN_FIBERS 1
#endif
#endif
#ifdef PRH_ASAN_FIBERS
#include <sanitizer/common_interface_defs.h>
#endif

namespace prh::multipath {
namespace {

constexpr std::size_t kFiberStack = 512 * 1024;  // frames of a debug build with sanitizers are large

/// Stacks are used again: a fiber lives for some hundred microseconds.
std::vector<std::unique_ptr<char[]>>& free_stacks() {
    static std::vector<std::unique_ptr<char[]>> stacks;
    return stacks;
}

std::unique_ptr<char[]> take_stack() {
    auto& stacks = free_stacks();
    if (stacks.empty()) return std::unique_ptr<char[]>(new char[kFiberStack]);
    auto stack = std::move(stacks.back());
    stacks.pop_back();
    return stack;
}

#ifdef PRH_ASAN_FIBERS
const void* caller_stack = nullptr;
std::size_t caller_size = 0;
#endif

}  // namespace

Fiber::Fiber(std::function<void()> body) : body_(std::move(body)), stack_(take_stack()) {
    ::getcontext(&there_);
    there_.uc_stack.ss_sp = stack_.get();
    there_.uc_stack.ss_size = kFiberStack;
    there_.uc_link = nullptr;
    const auto self = reinterpret_cast<std::uintptr_t>(this);
    ::makecontext(&there_, reinterpret_cast<void (*)()>(&Fiber::enter), 2,
                  static_cast<unsigned>(std::uint64_t{self} >> 32), static_cast<unsigned>(self));
}

Fiber::~Fiber() {
    unwinding_ = true;
    if (begun_ && !ended_) switch_to_body();
    free_stacks().push_back(std::move(stack_));
}

void Fiber::enter(unsigned high, unsigned low) {
    reinterpret_cast<Fiber*>(static_cast<std::uintptr_t>(std::uint64_t{high} << 32 | low))->run();
}

void Fiber::run() {
#ifdef PRH_ASAN_FIBERS
    __sanitizer_finish_switch_fiber(nullptr, &caller_stack, &caller_size);
#endif
    try {
        body_();
    } catch (const Unwound&) {
    } catch (...) {
        thrown_ = std::current_exception();
    }
    ended_ = true;
#ifdef PRH_ASAN_FIBERS
    __sanitizer_start_switch_fiber(nullptr, caller_stack, caller_size);
#endif
    ::setcontext(&here_);
}

void Fiber::switch_to_body() {
    begun_ = true;
#ifdef PRH_ASAN_FIBERS
    void* own = nullptr;
    __sanitizer_start_switch_fiber(&own, stack_.get(), kFiberStack);
#endif
    ::swapcontext(&here_, &there_);
#ifdef PRH_ASAN_FIBERS
    __sanitizer_finish_switch_fiber(own, nullptr, nullptr);
#endif
}

void Fiber::resume() {
    switch_to_body();
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void Fiber::yield() {
#ifdef PRH_ASAN_FIBERS
    __sanitizer_start_switch_fiber(&fake_stack_, caller_stack, caller_size);
#endif
    ::swapcontext(&there_, &here_);
#ifdef PRH_ASAN_FIBERS
    __sanitizer_finish_switch_fiber(fake_stack_, &caller_stack, &caller_size);
#endif
    if (unwinding_) throw Unwound();
}

}  // namespace prh::multipath
