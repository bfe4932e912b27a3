// SPDX-License-Identifier: MIT
#include "monitor/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace prh::ctl {
namespace {

// Control sequences of ECMA-48, and the private modes of xterm that every terminal of today knows.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l";  // alternate screen, no cursor
constexpr std::string_view kLeave = "\x1b[?25h\x1b[?1049l";
constexpr std::string_view kHome = "\x1b[H";
constexpr std::string_view kEndOfLine = "\x1b[K\r\n";
constexpr std::string_view kEndOfScreen = "\x1b[J";

bool write_all(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
        if (written < 0 && errno != EINTR) return false;
        if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

Terminal::Terminal() {
    termios settings{};
    if (::tcgetattr(STDIN_FILENO, &settings) == 0) {
        before_ = settings;
        settings.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        settings.c_cc[VMIN] = 0;  // read(2) returns at once
        settings.c_cc[VTIME] = 0;
        settings.c_cc[VSUSP] = _POSIX_VDISABLE;  // stopped, it would leave the terminal as it is now
        ::tcsetattr(STDIN_FILENO, TCSANOW, &settings);
    }
    write_all(kEnter);
}

Terminal::~Terminal() {
    write_all(kLeave);
    if (before_) ::tcsetattr(STDIN_FILENO, TCSANOW, &*before_);
}

Terminal::Size Terminal::size() const {
    winsize window{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_row == 0 || window.ws_col == 0)
        return {};
    return {window.ws_row, window.ws_col};
}

bool Terminal::show(const std::string& text) const {
    std::string screen(kHome);
    // No end of a line after the last one, which would scroll.
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\n')
            screen += text[i];
        else if (i + 1 < text.size())
            screen += kEndOfLine;
    }
    screen += "\x1b[K";
    screen += kEndOfScreen;
    return write_all(screen);
}

char Terminal::take_key() const {
    char key = 0;
    return before_ && ::read(STDIN_FILENO, &key, 1) == 1 ? key : '\0';
}

}  // namespace prh::ctl
