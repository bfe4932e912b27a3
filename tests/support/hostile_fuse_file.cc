// SPDX-License-Identifier: MIT
#include "support/hostile_fuse_file.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "support/daemon.h"

namespace prh::test {

HostileFuseFile::HostileFuseFile() {
    if (!exists("/dev/fuse")) {
        failure_ = "/dev/fuse is missing";
        return;
    }
    server_.emplace(std::vector<std::string>{test_helper("hostile_fuse"), directory_.path()});
    const bool ready = eventually([&] { return server_->out() == "ready\n" || !server_->running(); });
    if (!ready || !server_->running()) failure_ = "cannot mount a FUSE file system: " + server_->err();
}

std::string HostileFuseFile::path() const {
    return "/proc/" + std::to_string(server_->pid()) + "/root" + directory_ / "file";
}

std::string HostileFuseFile::slow_path() const {
    return "/proc/" + std::to_string(server_->pid()) + "/root" + directory_ / "slow";
}

void HostileFuseFile::let_open() const { server_->signal(SIGUSR1); }

void HostileFuseFile::open() {
    file_ = Descriptor(path());
    EXPECT_TRUE(file_.valid());
}

void HostileFuseFile::leave_it_to_others() {
    const std::size_t before = count("flush");
    closing_ = std::thread([file = std::move(file_)]() mutable { file.close(); });
    EXPECT_TRUE(eventually([&] { return count("flush") == before + 1; }));
}

std::size_t HostileFuseFile::count(const std::string& call) {
    const std::string said = server_->out();
    std::size_t found = 0;
    for (std::size_t at = 0; (at = said.find(call, at)) != std::string::npos; ++at) ++found;
    return found;
}

void HostileFuseFile::end() {
    server_.reset();
    file_.close();
    if (closing_.joinable()) closing_.join();
}

}  // namespace prh::test
