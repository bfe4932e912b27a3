// SPDX-License-Identifier: MIT
// Tracing (-T): named events, off by default, each one load of a flag when off. A line is a UTC time, the
// event's name and its text.
#pragma once

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace prh {

enum class TraceEvent : unsigned char {
    ConnectionAccepted,
    ConnectionClosed,
    RequestReceived,
    DeviceCommand,
    DeviceResult,
    RequestAnswered,
    ProtocolViolation,
    Drain,
};
constexpr std::size_t kTraceEventCount = 8;

std::string_view name(TraceEvent event);  ///< as -T takes it, e.g. "device_command"

class Trace {
  public:
    bool on(TraceEvent event) const { return enabled_[index(event)].load(std::memory_order_relaxed); }

    /// The arguments are formatted only where the event is on; guard costly ones with on().
    template <class... Args>
    void emit(TraceEvent event, fmt::format_string<Args...> format, Args&&... arguments) {
        if (on(event)) write(event, fmt::format(format, std::forward<Args>(arguments)...));
    }

    /// Switches what the pattern names: a name, or a glob with * and ?. False if a plain name names nothing.
    bool set(std::string_view pattern, bool enabled);
    bool any() const;
    /// Lines go there instead of stderr; the file is truncated. "%d" in the name is the process id.
    Status open_file(const std::string& path_template);
    /// Lines go to stderr again, where they go at first.
    void use_stderr() { file_.reset(); }
    /// stderr is gone: trace lines without a file go nowhere.
    void leave_stderr() { stderr_usable_ = false; }

  private:
    static constexpr std::size_t index(TraceEvent event) { return static_cast<std::size_t>(event); }
    void write(TraceEvent event, std::string_view text);

    std::array<std::atomic<bool>, kTraceEventCount> enabled_{};
    std::atomic<bool> stderr_usable_ = true;
    UniqueFd file_;
};

}  // namespace prh
