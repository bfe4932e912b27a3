// SPDX-License-Identifier: MIT
#include "monitor/emulated_scene.h"

#include <signal.h>
#include <unistd.h>

#include <stdexcept>

namespace prh::test {

EmulatedScene::EmulatedScene() {
    write_file(first_, "");
    if (::link(first_.c_str(), second_.c_str()) != 0) throw std::runtime_error("link");
    if (!eventually([&] { return run_ctl({"status", "--control=" + control_}).exit_code == 0; }))
        throw std::runtime_error("the emulator does not answer: " + emulator_.err());
}

EmulatedScene::~EmulatedScene() {
    emulator_.signal(SIGTERM);
    EXPECT_EQ(emulator_.wait(), 0) << emulator_.err();
}

EmulatedScene::Words EmulatedScene::command(Words words) const {
    words.push_back("--control=" + control_);
    words.push_back("--socket=" + socket_);
    return words;
}

CtlRun EmulatedScene::run(const Words& words) const { return run_ctl(command(words)); }

void EmulatedScene::send(Words words, int exit_code) const {
    words.push_back("--socket=" + socket_);
    const CtlRun sent = run_ctl(words);
    EXPECT_EQ(sent.exit_code, exit_code) << words[0] << ": " << sent.err;
}

void EmulatedScene::two_hosts_compete() const {
    constexpr int kReservationConflict = 24;
    send({"register", "--param-sark=a1", first_});
    send({"register", "--param-sark=b2", second_});
    send({"reserve", "--param-rk=a1", "--prout-type=5", first_});
    send({"reserve", "--param-rk=b2", "--prout-type=5", second_}, kReservationConflict);
}

}  // namespace prh::test
