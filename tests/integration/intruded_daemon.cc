// SPDX-License-Identifier: MIT
#include "integration/intruded_daemon.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>

#include "support/private_namespace.h"
#include "support/unprivileged.h"

namespace prh::test {

std::string name_of(Way way) {
    switch (way) {
        case Way::AsRoot: return "AsRoot";
        case Way::AsUser: return "AsUser";
        case Way::AsGroup: return "AsGroup";
        case Way::InBackground: return "InBackground";
        case Way::InBackgroundAsUser: return "InBackgroundAsUser";
        case Way::WithAmbientRawIo: return "WithAmbientRawIo";
        case Way::Activated: return "Activated";
        case Way::LibvirtsWay: return "LibvirtsWay";
    }
    return "";
}

std::string obstacle_to(Way way) {
    if (way == Way::WithAmbientRawIo) return obstacle_to_others();
    return way == Way::LibvirtsWay && !can_have_private_namespace() ? "no mount namespace can be had" : "";
}

IntrudedDaemon::IntrudedDaemon(Way way, std::vector<std::string> arguments)
    : way_(way), arguments_(std::move(arguments)) {
    const Descriptor file(directory_ / "page", O_RDWR | O_CREAT);
    EXPECT_EQ(::ftruncate(file.get(), sizeof(SystemCallPage)), 0);
    EXPECT_EQ(::fchmod(file.get(), 0666), 0);
    void* const mapped =
        ::mmap(nullptr, sizeof(SystemCallPage), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (mapped == MAP_FAILED) throw std::runtime_error("no page");
    page_ = new (mapped) SystemCallPage;
    EXPECT_EQ(::chown(directory_.path().c_str(), kNobody, kNobody), 0);
    if (way_ == Way::Activated) listener_ = listening_socket(socket_);
    start();
}

IntrudedDaemon::~IntrudedDaemon() { ::munmap(page_, sizeof(SystemCallPage)); }

std::string IntrudedDaemon::attempt(long number, const Arguments& arguments) {
    page_->count = 1;
    if (!make_calls(number, arguments)) return death_;
    return page_->errors[0] == 0 ? "done" : std::strerror(page_->errors[0]);
}

std::vector<int> IntrudedDaemon::sweep(long number, const Arguments& arguments, std::size_t which,
                                       std::size_t count) {
    page_->swept = which;
    page_->count = count;
    if (!make_calls(number, arguments)) return {};
    return {page_->errors, page_->errors + count};
}

bool IntrudedDaemon::make_calls(long number, const Arguments& arguments) {
    page_->number = number;
    std::copy(arguments.begin(), arguments.end(), page_->arguments);
    page_->done = 0;
    page_->wanted = 1;
    const std::string answer = ask(client_);
    if (page_->done == 0) {
        const auto code = end(0);
        start();
        death_ = code ? "the process died of signal " + std::to_string(*code - 128)
                      : "neither an answer nor the end";
        return false;
    }
    EXPECT_EQ(answer, kNoDevice) << "the daemon goes on as if nothing had been tried";
    EXPECT_NE(page_->thread, pid()) << "it was not a worker";
    return true;
}

long IntrudedDaemon::text(const std::string& text, std::size_t which) {
    std::strncpy(page_->texts[which], text.c_str(), sizeof page_->texts[which] - 1);
    return static_cast<long>(page_->address + offsetof(SystemCallPage, texts) +
                             which * sizeof page_->texts[0]);
}

std::optional<int> IntrudedDaemon::end(int signal) {
    if (background_) return background_->end(signal);
    process_->signal(signal);
    return process_->wait();
}

bool IntrudedDaemon::serves() { return client_.open(socket_) && test::ask(client_) == kNoDevice; }

void IntrudedDaemon::start() {
    background_.reset();
    ProcessOptions options;
    if (listener_) options = activated_by(*listener_);
    options.environment["LD_PRELOAD"] = test_helper("system_call_caller.so");
    options.environment[kSystemCallVariable] = directory_ / "page";
    std::vector<std::string> line{built("qemu-pr-helper")};
    if (way_ != Way::Activated) line.insert(line.end(), {"-k", socket_});
    switch (way_) {
        case Way::AsRoot:
        case Way::Activated: break;
        case Way::AsUser: line.insert(line.end(), {"-u", "nobody"}); break;
        case Way::AsGroup: line.insert(line.end(), {"-g", "nogroup"}); break;
        case Way::InBackground: line.insert(line.end(), {"-d", "-f", directory_ / "pid"}); break;
        case Way::InBackgroundAsUser:
            line.insert(line.end(), {"-d", "-f", directory_ / "pid", "-u", "nobody"});
            break;
        case Way::WithAmbientRawIo: options.before_exec = become_nobody_with_rawio; break;
        case Way::LibvirtsWay:
            options.before_exec = in_private_namespace();
            options.close_stderr_reader = true;
            break;
    }
    line.insert(line.end(), arguments_.begin(), arguments_.end());
    process_.emplace(line, options);
    const bool background = way_ == Way::InBackground || way_ == Way::InBackgroundAsUser;
    if (background) {
        EXPECT_EQ(process_->wait(), 0) << process_->err();
        background_.emplace(directory_ / "pid");
    }
    EXPECT_TRUE(eventually([&] { return serves() || (!background && !process_->running()); }))
        << process_->err();
    EXPECT_NE(page_->address, 0U) << "there is no intruder inside";
}

}  // namespace prh::test
