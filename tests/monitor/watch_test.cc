// SPDX-License-Identifier: MIT
// The live view on a terminal: what it draws, and that the terminal is given back.
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "monitor/emulated_scene.h"
#include "support/contains.h"
#include "support/descriptor.h"

namespace prh::test {
namespace {

constexpr char kEnter[] = "\x1b[?1049h", kLeave[] = "\x1b[?1049l";

/// A terminal of the test's own: what is drawn is read at one end, the program has the other.
class Pty {
  public:
    Pty(unsigned short rows, unsigned short columns) : ours_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
        if (::grantpt(ours_.get()) != 0 || ::unlockpt(ours_.get()) != 0) throw std::runtime_error("pty");
        theirs_ = Descriptor(::ptsname(ours_.get()), O_RDWR | O_NOCTTY);
        resize(rows, columns);
        ::fcntl(ours_.get(), F_SETFL, O_NONBLOCK);
    }
    void resize(unsigned short rows, unsigned short columns) {
        const winsize size{rows, columns, 0, 0};
        ::ioctl(ours_.get(), TIOCSWINSZ, &size);
    }
    void press(char key) { ASSERT_EQ(::write(ours_.get(), &key, 1), 1); }
    tcflag_t modes() const {
        termios settings{};
        ::tcgetattr(theirs_.get(), &settings);
        return settings.c_lflag;
    }
    /// Everything that was drawn so far.
    const std::string& drawn() {
        char bytes[4096];
        for (ssize_t got; (got = ::read(ours_.get(), bytes, sizeof bytes)) > 0;)
            drawn_.append(bytes, static_cast<std::size_t>(got));
        return drawn_;
    }
    bool shows(const std::string& text) {
        return eventually([&] { return contains(drawn(), text); });
    }
    void forget() { drawn_.clear(); }
    int theirs() const { return theirs_.get(); }

  private:
    Descriptor ours_, theirs_;
    std::string drawn_;
};

class Watch : public EmulatedScene {
  protected:
    Process start(Pty& pty) {
        ProcessOptions options;
        options.descriptors = {{pty.theirs(), STDIN_FILENO}, {pty.theirs(), STDOUT_FILENO}};
        options.before_exec = [] {
            ::setsid();
            ::ioctl(STDIN_FILENO, TIOCSCTTY, 0);  // so that a change of its size is signalled
        };
        return Process(command({built("prhelperctl"), "watch", "--interval=0.2"}), options);
    }
};

TEST_F(Watch, DrawsWhatHappensUntilQIsPressed) {
    two_hosts_compete();
    Pty pty(50, 200);
    const tcflag_t before = pty.modes();
    Process watch = start(pty);
    ASSERT_TRUE(pty.shows("held by: key 0xa1")) << pty.drawn();
    EXPECT_TRUE(contains(pty.drawn(), kEnter));
    EXPECT_FALSE(pty.modes() & ECHO) << "keys are not drawn into the view";
    send({"register-ignore", "--param-sark=c3", first_});
    ASSERT_TRUE(pty.shows("held by: key 0xc3")) << pty.drawn();
    ASSERT_TRUE(pty.shows("  pid ")) << "who registered it";
    pty.press('q');
    EXPECT_EQ(watch.wait(), 0) << watch.err();
    EXPECT_TRUE(pty.shows(kLeave));
    EXPECT_EQ(pty.modes(), before);
}

TEST_F(Watch, GivesTheTerminalBackWhenItIsStopped) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        Pty pty(24, 80);
        const tcflag_t before = pty.modes();
        Process watch = start(pty);
        ASSERT_TRUE(pty.shows("prhelper-emulator"));
        watch.signal(signal);
        EXPECT_EQ(watch.wait(), 0) << watch.err();
        EXPECT_TRUE(pty.shows(kLeave));
        EXPECT_EQ(pty.modes(), before);
    }
}

TEST_F(Watch, FitsTheTerminalWhenItChanges) {
    two_hosts_compete();
    Pty pty(50, 200);
    Process watch = start(pty);
    ASSERT_TRUE(pty.shows("held by: key 0xa1"));
    pty.resize(4, 20);
    ASSERT_TRUE(pty.shows(" more")) << pty.drawn();
    pty.press('q');
    EXPECT_EQ(watch.wait(), 0) << watch.err();
}

TEST_F(Watch, OutlivesTheHelper) {
    two_hosts_compete();
    Pty pty(50, 200);
    Process watch = start(pty);
    ASSERT_TRUE(pty.shows("held by: key 0xa1"));
    emulator_.signal(SIGTERM);
    ASSERT_EQ(emulator_.wait(), 0);
    ASSERT_TRUE(pty.shows("The helper does not tell what it does")) << pty.drawn();
    pty.forget();
    Process again({built("prhelper-emulator"), "-k", socket_, "--control=" + control_});
    ASSERT_TRUE(pty.shows("No request has been made for a disk yet.")) << pty.drawn();
    pty.press('q');
    EXPECT_EQ(watch.wait(), 0) << watch.err();
}

}  // namespace
}  // namespace prh::test
