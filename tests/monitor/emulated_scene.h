// SPDX-License-Identifier: MIT
// A helper with a control socket and one emulated disk, which two hosts see under names of their own; and
// prhelperctl, run against it.
#pragma once

#include <gtest/gtest.h>

#include "integration/ctl_fake_helper.h"
#include "support/daemon.h"
#include "support/process.h"

namespace prh::test {

class EmulatedScene : public testing::Test {
  protected:
    using Words = std::vector<std::string>;

    EmulatedScene();
    ~EmulatedScene() override;

    /// With --control, and --socket.
    Words command(Words words) const;
    CtlRun run(const Words& words) const;
    /// A verb for a disk, which is expected to end with `exit_code`.
    void send(Words words, int exit_code = 0) const;
    /// Both hosts are registered, the first one holds the reservation, and the second one was refused.
    void two_hosts_compete() const;

    TemporaryDirectory directory_;
    std::string socket_ = directory_ / "socket";
    std::string control_ = directory_ / "control";
    std::string first_ = directory_ / "first";
    std::string second_ = directory_ / "second";
    Process emulator_{{built("prhelper-emulator"), "-k", socket_, "--control=" + control_}};
};

}  // namespace prh::test
