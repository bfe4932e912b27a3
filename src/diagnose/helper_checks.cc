// SPDX-License-Identifier: MIT
#include "diagnose/helper_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/defaults.h"
#include "client/words.h"
#include "diagnose/fixes.h"

namespace prh::ctl {
namespace {

constexpr char kEmulator[] = "prhelper-emulator";
constexpr unsigned kRawIo = 17;  // CAP_SYS_RAWIO, <linux/capability.h>

bool is_emulator(const HelperView& helper) {
    const std::string program = helper.program();
    return !program.empty() && std::string_view(kEmulator).starts_with(program);  // /proc cuts names
}

std::string process_of(const HelperView& helper) {
    return helper.process ? fmt::format(" (pid {})", helper.process->pid) : "";
}

const DependencyState* multipathd_of(const HelperView& helper) {
    if (!helper.state) return nullptr;
    const auto& all = helper.state->dependencies;
    const auto found = std::find_if(all.begin(), all.end(),
                                    [](const DependencyState& one) { return one.name == "multipathd"; });
    return found == all.end() ? nullptr : &*found;
}

}  // namespace

Diagnosis check_helper(const HelperView& helper) {
    if (helper.unreachable) {
        // Where systemd's socket belongs; that of another place is somebody else's to start.
        const bool usual = helper.socket == kDefaultSocketPath || helper.socket == "/run/qemu-pr-helper.sock";
        const bool absent = helper.unreachable->exit_code == exit_code_of_errno(ENOENT) ||
                            helper.unreachable->exit_code == exit_code_of_errno(ECONNREFUSED);
        return {"helper", Judgement::Wrong, helper.unreachable->message,
                usual && absent ? Fix{"run as root", "systemctl enable --now qemu-pr-helper.socket"} : Fix{}};
    }
    if (!helper.state)
        return {"helper", Judgement::Ok,
                fmt::format("a helper{} answers at {}", process_of(helper), helper.socket)};
    const HelperFacts& facts = helper.state->helper;
    const std::string who = fmt::format("{} {}{}", facts.program, facts.version, process_of(helper));
    if (facts.draining)
        return {
            "helper", Judgement::Warning,
            who +
                ": it is ending, and answers only what is in flight. Look again when the next one is there"};
    return {"helper", Judgement::Ok, fmt::format("{} answers at {}", who, helper.socket)};
}

Diagnosis check_control(const HelperView& helper) {
    if (helper.state) return {"control socket", Judgement::Ok, fmt::format("answers at {}", helper.control)};
    return {"control socket", Judgement::NotChecked,
            "what the helper knows itself (clients, limits, multipathd) is not known: " + helper.no_state};
}

Diagnosis check_capabilities(const HelperView& helper) {
    constexpr char kCheck[] = "capabilities";
    if (!helper.process || helper.process->threads.empty())
        return {
            kCheck, Judgement::NotChecked,
            "the helper's process cannot be seen from here (another PID namespace, /proc with hidepid, or "
            "a socket that systemd holds, with no control socket)"};
    const bool emulator = is_emulator(helper);
    const std::uint64_t needed = emulator ? 0 : std::uint64_t{1} << kRawIo;
    std::uint64_t beyond = 0;
    bool lacking = false, loose = false, unfiltered = false;
    for (const ThreadRights& thread : helper.process->threads) {
        beyond |= (thread.effective | thread.permitted) & ~needed;
        lacking = lacking || (thread.effective & needed) != needed;
        loose = loose || !thread.no_new_privileges;
        unfiltered = unfiltered || !thread.filtered;
    }
    if (lacking)
        return {
            kCheck, Judgement::Wrong,
            "the helper has no CAP_SYS_RAWIO: the kernel refuses it PERSISTENT RESERVE OUT",
            helper.process->unit.empty()
                ? Fix{}
                : Fix{fmt::format("run 'systemctl edit {0}', enter this, then run 'systemctl restart {0}'",
                                  helper.process->unit),
                      "[Service]\nAmbientCapabilities=CAP_SYS_RAWIO\n"
                      "CapabilityBoundingSet=CAP_SYS_RAWIO\nPrivateDevices=no"}};
    if (beyond != 0)
        return {
            kCheck, Judgement::Wrong,
            fmt::format("the helper has capabilities that it does not need (mask {:x}): who takes it over "
                        "has them. qemu-pr-helper of this package gives them up by itself; this is "
                        "another program",
                        beyond)};
    if (loose || unfiltered)
        return {
            kCheck, Judgement::Warning,
            fmt::format("{}: who takes the helper over can do more than it can",
                        loose ? "no_new_privs is not set" : "its system calls are not filtered (seccomp)")};
    return {kCheck, Judgement::Ok,
            fmt::format("{} on each of {}; no_new_privs; system calls are filtered",
                        emulator ? "none, as an emulator needs," : "CAP_SYS_RAWIO alone",
                        count_of(helper.process->threads.size(), "thread"))};
}

Diagnosis check_landlock(const HelperView& helper) {
    constexpr char kCheck[] = "landlock";
    if (!helper.state)
        return {kCheck, Judgement::NotChecked, "unknown: it can only be read through the control socket"};
    const auto& confinement = helper.state->confinement;
    if (!confinement)
        return {kCheck, Judgement::NotChecked, "unknown: this version of the helper does not report it"};
    if (confinement->landlock > 0)
        return {
            kCheck, Judgement::Ok,
            fmt::format("the helper opens only the files that it needs (the kernel has Landlock version {})",
                        confinement->landlock)};
    if (confinement->seccomp != "enforce")
        return {kCheck, Judgement::Warning,
                fmt::format("the helper can open any file that its user can: it runs with --seccomp={}",
                            confinement->seccomp)};
    return {kCheck, Judgement::Warning,
            "the helper can open any file that its user can: the kernel has no Landlock. Linux 5.13 or later "
            "has it; where the kernel command line sets 'lsm=', the list must name landlock"};
}

Diagnosis check_multipathd(const HelperView& helper, const MultipathdView& multipathd, bool maps) {
    constexpr char kCheck[] = "multipathd";
    if (!maps) return {kCheck, Judgement::Ok, "not needed: no multipath map is looked at, or was served"};
    const Fix start{"run as root", "systemctl enable --now multipathd.service"};
    if (!multipathd.problem.empty())
        return {
            kCheck, Judgement::Wrong,
            fmt::format("it does not answer ({}): a path that comes back is used before it is registered, "
                        "and I/O down it is refused",
                        multipathd.problem),
            start};
    const DependencyState* const seen = multipathd_of(helper);
    if (seen == nullptr)
        return {kCheck, Judgement::NotChecked,
                helper.state
                    ? "it answers; the helper does not say whether it serves maps (--multipath=off, "
                      "or of an older version)"
                    : "it answers here; whether the helper gets to it, only its control socket tells"};
    if (seen->state == "unreachable")
        return {
            kCheck, Judgement::Wrong,
            fmt::format("it answers here, but the helper does not get to it ({}): it is in another "
                        "network or mount namespace. In a container, mount /run/multipathd.socket, or give "
                        "the helper the host's network namespace",
                        seen->problem),
            helper.process && !helper.process->unit.empty()
                ? Fix{fmt::format("run 'systemctl edit {0}', enter this, then run 'systemctl restart {0}'",
                                  helper.process->unit),
                      "[Service]\nPrivateNetwork=no"}
                : Fix{}};
    if (seen->state == "silent")
        return {
            kCheck,
            Judgement::Wrong,
            fmt::format("the helper has no answer of it ({}): it hangs, or did a moment ago", seen->problem),
            {"run as root", "systemctl restart multipathd.service"}};
    return {kCheck, Judgement::Ok, "it answers, and the helper gets to it"};
}

Diagnosis check_timeout(const HelperView& helper) {
    constexpr char kCheck[] = "timeout";
    // Linux gives a SCSI command up after 30 s (SD_TIMEOUT), Windows after 60 s (Disk\TimeOutValue in
    // clusters); the kernel of the host gives a block device at least 7 s (BLK_MIN_SG_TIMEOUT).
    constexpr std::uint64_t kSecond = 1'000'000, kLinux = 30 * kSecond, kWindows = 60 * kSecond,
                            kLeast = 7 * kSecond;
    if (!helper.state)
        return {kCheck, Judgement::NotChecked,
                "how long the helper waits for a disk, its control socket tells"};
    const auto found = helper.state->limits.find("device_timeout_us");
    if (found == helper.state->limits.end())
        return {kCheck, Judgement::Ok,
                is_emulator(helper) ? "none: nothing is waited for" : "the helper has none"};
    const std::uint64_t us = found->second;
    const Fix fix =
        helper.process ? restart_with(*helper.process, fmt::format("--timeout={}", kLinux / kSecond)) : Fix{};
    if (us < kLeast)
        return {
            kCheck, Judgement::Wrong,
            fmt::format("the helper gives a disk {} for a command. Arrays take some seconds to fail over; a "
                        "command that is aborted meanwhile leaves open whether it was carried out",
                        duration(us)),
            fix};
    if (us > kWindows)
        return {
            kCheck, Judgement::Wrong,
            fmt::format("the helper gives a disk {} for a command, and guests give up before (Linux after "
                        "30 s, Windows after 60 s): they repeat what may still be carried out",
                        duration(us)),
            fix};
    if (us > kLinux)
        return {kCheck, Judgement::Warning,
                fmt::format("the helper gives a disk {} for a command; a Linux guest gives up after 30 s "
                            "(Windows after 60 s)",
                            duration(us)),
                fix};
    return {
        kCheck, Judgement::Ok,
        fmt::format("the helper gives a disk {} for a command; guests wait 30 s (Linux) or 60 s (Windows)",
                    duration(us))};
}

Diagnosis check_shared_nexuses(const HelperView& helper) {
    constexpr char kCheck[] = "shared nexus";
    if (!helper.state)
        return {kCheck, Judgement::NotChecked,
                "whether two machines are one initiator to a disk, the control socket tells"};
    const std::uint64_t denied = helper.state->counter("changes_denied");
    const std::uint64_t shared = helper.state->counter("shared_nexuses");
    if (shared > denied)
        return {kCheck, Judgement::Warning,
                fmt::format("since the helper was started, {} went through a nexus that another client had "
                            "registered: to the disk, the two machines were one. The helper's log names them",
                            count_of(shared - denied, "registration"))};
    if (denied > 0)
        return {kCheck, Judgement::Ok,
                fmt::format("{} of a second machine of one nexus refused (--shared-nexus=deny)",
                            count_of(denied, "command"))};
    return {kCheck, Judgement::Ok,
            "no two clients have registered through one nexus since the helper was started"};
}

}  // namespace prh::ctl
