// SPDX-License-Identifier: MIT
#include "os/system_call_filter.h"

#include <seccomp.h>
#include <sys/prctl.h>

#include <cerrno>
#include <memory>

namespace prh {
namespace {

struct Release {
    void operator()(void* context) const { ::seccomp_release(context); }
};
using Context = std::unique_ptr<void, Release>;

int add(scmp_filter_ctx context, std::uint32_t action, const AllowedCall& call) {
    switch (call.condition) {
        case AllowedCall::Condition::None: break;
        case AllowedCall::Condition::Equal:
            return ::seccomp_rule_add(context, action, call.number, 1,
                                      scmp_arg_cmp{call.argument, SCMP_CMP_EQ, call.value, 0});
        case AllowedCall::Condition::MaskedEqual:
            return ::seccomp_rule_add(context, action, call.number, 1,
                                      scmp_arg_cmp{call.argument, SCMP_CMP_MASKED_EQ, call.mask, call.value});
    }
    return ::seccomp_rule_add(context, action, call.number, 0);
}

}  // namespace

Status install_system_call_filter(const std::vector<AllowedCall>& allowed, const std::vector<int>& deadly,
                                  FilterMode mode) {
    if (mode == FilterMode::Off) return {};
    const char* const failed = "Failed to install the system call filter";
    const bool log = mode == FilterMode::Log;
    const Context context(::seccomp_init(log ? SCMP_ACT_LOG : SCMP_ACT_ERRNO(ENOSYS)));
    if (!context) return fail_errno(failed, ENOMEM);
    // A binary tree instead of a list: ioctl, whose argument the kernel cannot cache, is found in six steps.
    int code = ::seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
    // Calls of another ABI (32 bits, x32) would end their thread alone, with all that it holds, and nobody
    // would know.
    if (code == 0)
        code = ::seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH,
                                  log ? SCMP_ACT_LOG : SCMP_ACT_KILL_PROCESS);
    for (const AllowedCall& call : allowed)
        if (code == 0) code = add(context.get(), SCMP_ACT_ALLOW, call);
    if (!log)
        for (const int call : deadly)
            if (code == 0) code = add(context.get(), SCMP_ACT_KILL_PROCESS, call);
    if (code == 0) code = ::seccomp_load(context.get());
    if (code != 0) return fail_errno(failed, -code);
    return {};
}

}  // namespace prh
