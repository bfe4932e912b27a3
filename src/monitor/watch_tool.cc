// SPDX-License-Identifier: MIT
#include "monitor/watch_tool.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include "client/control_client.h"
#include "client/standard_output.h"
#include "client/state.h"
#include "client/stop_signals.h"
#include "monitor/disk_inquiries.h"
#include "monitor/key_owners.h"
#include "monitor/live_json.h"
#include "monitor/terminal.h"
#include "monitor/watch_frame.h"

namespace prh::ctl {
namespace {

using std::chrono::milliseconds;

/// A view that stands still for longer is taken for one that hangs.
constexpr std::chrono::seconds kViewPatience{2};

struct WatchOptions {
    double interval = 1;
    bool once = false;
};

std::chrono::seconds patience(const CommonOptions& common) {
    return common.timeout.count() == 0 ? kViewPatience : std::min(common.timeout, kViewPatience);
}

Expected<HelperState> state_of(const CommonOptions& common, std::chrono::seconds timeout) {
    return read_state(common.control, timeout).and_then([](const std::string& line) {
        return parse_state(line);
    });
}

ExitCode show_once(const CommonOptions& common) {
    const Expected<std::string> line = read_state(common.control, common.timeout);
    if (!line) return print_failure("watch", line.error(), common.json);
    const Expected<HelperState> state = parse_state(*line);
    if (!state) return print_failure("watch", state.error(), common.json);
    DiskInquiries inquiries(common.socket, common.timeout);
    const DiskViews disks = inquiries.ask_and_wait(*state, patience(common));
    return print(common.json ? live_json(*line, *state, disks) + "\n"
                             : watch_frame(*state, disks, KeyOwners(), ::getpid()));
}

/// The pictures, one after the other; what the terminal shows beside them is none of its business.
class View {
  public:
    explicit View(const CommonOptions& common) : common_(common), disks_(common.socket, common.timeout) {}

    std::string picture() {
        const Expected<HelperState> state = state_of(common_, patience(common_));
        const std::set<std::string> touched = follow_events();
        if (state) return watch_frame(*state, disks_.ask(*state, touched), owners_, ::getpid());
        events_.reset();
        return fmt::format("The helper does not tell what it does: {}\n\nIt is asked again.\n",
                           state.error().message);
    }

  private:
    /// Takes what has come since the last picture: who registered which key, and which devices it was sent
    /// to.
    std::set<std::string> follow_events() {
        std::set<std::string> touched;
        if (!events_) {
            Expected<ControlClient> client = ControlClient::ask(common_.control, "events", patience(common_));
            if (!client) return touched;
            events_.emplace(std::move(*client));
        }
        while (true) {
            const Expected<ControlClient::Line> line = events_->next_line(FdRef(), milliseconds(1));
            if (line && line->text) {
                touched.insert(owners_.learn(*line->text));
                continue;
            }
            if (!line || line->end == ControlClient::End::Closed) events_.reset();
            return touched;
        }
    }

    const CommonOptions& common_;
    DiskInquiries disks_;
    KeyOwners owners_;
    std::optional<ControlClient> events_;
};

enum class Woken { ByTime, ToDrawAgain, ToEnd };

Woken wait(const StopSignals& signals, const Terminal& terminal, milliseconds interval) {
    std::array<pollfd, 2> watched{
        {{signals.descriptor().get(), POLLIN, 0}, {terminal.has_keys() ? STDIN_FILENO : -1, POLLIN, 0}}};
    if (::poll(watched.data(), watched.size(), static_cast<int>(interval.count())) <= 0) return Woken::ByTime;
    if (const int number = signals.take(); number != 0)
        return StopSignals::stops(number) ? Woken::ToEnd : Woken::ToDrawAgain;
    const char key = terminal.take_key();
    // A terminal that is gone can be read for ever, and there is nothing in it.
    return key == 'q' || key == 'Q' || key == 0 ? Woken::ToEnd : Woken::ToDrawAgain;
}

ExitCode watch(const CommonOptions& common, const WatchOptions& options) {
    const StopSignals signals({SIGWINCH});
    const Terminal terminal;
    View view(common);
    const milliseconds interval(static_cast<milliseconds::rep>(options.interval * 1000));
    std::string picture = view.picture();
    while (true) {
        const Terminal::Size size = terminal.size();
        if (!terminal.show(clip(picture, size.rows, size.columns))) return ExitCode::FileError;
        const Woken woken = wait(signals, terminal, interval);
        if (woken == Woken::ToEnd) return ExitCode::Success;
        picture = view.picture();
    }
}

}  // namespace

Tool watch_tool() {
    const auto options = std::make_shared<WatchOptions>();
    return {
        "watch",
        "show the same live, with holder and keys of each disk",
        "A view of the terminal, drawn anew every second; q ends it. Keys and holder come from the disks "
        "themselves, which are asked through the helper's socket where this user may open their nodes. Where "
        "standard output is no terminal, one picture is printed.",
        "watch\nwatch --interval=5\nwatch --once --control=/run/pr/control --socket=/run/pr/socket",
        true,
        {{"--interval", "SECONDS", "seconds between two pictures, 0.1 to 3600 (default: 1)",
          NumberTarget{&options->interval, 0.1, 3600}},
         {"--once", "", "print one picture and end", &options->once}},
        [options](const CommonOptions& common) {
            const bool live = !options->once && !common.json && ::isatty(STDOUT_FILENO) == 1;
            return live ? watch(common, *options) : show_once(common);
        }};
}

}  // namespace prh::ctl
