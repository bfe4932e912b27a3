// SPDX-License-Identifier: MIT
#include "diagnose/validate_tool.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <random>

#include "client/standard_output.h"
#include "client/stop_signals.h"
#include "diagnose/helper_initiator.h"
#include "diagnose/validation_report.h"
#include "scsi/names.h"

namespace prh::ctl {
namespace {

struct ValidateOptions {
    std::string device;
    std::string second;
    std::string second_socket;
    bool scratch = false;
    bool clear_keys = false;
    bool preempt_abort = false;
};

/// Random, so that no run has another's; "VAL" in front, so that who finds one knows what it is.
ReservationKey random_key(std::random_device& entropy) {
    constexpr std::uint64_t kPrefix = std::uint64_t{0x56414C} << 40;
    const std::uint64_t random = std::uint64_t{entropy()} << 8 | (entropy() & 0xFFU);
    return {kPrefix | random};
}

ValidationKeys make_keys() {
    std::random_device entropy;
    ValidationKeys keys{random_key(entropy), random_key(entropy), random_key(entropy)};
    while (keys.changed == keys.first) keys.changed = random_key(entropy);
    while (keys.second == keys.first || keys.second == keys.changed) keys.second = random_key(entropy);
    return keys;
}

bool share(const std::vector<std::string>& one, const std::vector<std::string>& other) {
    return std::find_first_of(one.begin(), one.end(), other.begin(), other.end()) != one.end();
}

/// What sysfs tells against a second node before anything is sent. The rest shows when it registers.
Expected<void> check_second(HelperInitiator& first, HelperInitiator& second) {
    const DeviceIdentity one = first.identity(), other = second.identity();
    if (share(one.nexuses, other.nexuses))
        return fail(
            ExitCode::SyntaxError,
            fmt::format(
                "'{}' reaches the disk through the same I_T nexus as '{}'{}: to the disk they are one "
                "node. Name a disk of another HBA, target port or session",
                second.device(), first.device(),
                one.kind == DeviceKind::Multipath
                    ? ", one of the paths through which the helper registers the map"
                    : ""));
    if (!one.wwids.empty() && !other.wwids.empty() && !share(one.wwids, other.wwids))
        return fail(ExitCode::SyntaxError,
                    fmt::format("'{}' ({}) is another logical unit than '{}' ({})", second.device(),
                                other.wwids.front(), first.device(), one.wwids.front()));
    return {};
}

std::string title_of(HelperInitiator& node) {
    const DeviceIdentity identity = node.identity();
    if (identity.kind == DeviceKind::Other) return "";
    std::string title = fmt::format(" ({}{}{}", identity.name, identity.wwids.empty() ? "" : ", ",
                                    identity.wwids.empty() ? "" : identity.wwids.front());
    if (identity.kind == DeviceKind::Multipath)
        title += fmt::format(", paths {}", fmt::join(node.way().paths, ", "));
    return title + ")";
}

Expected<void> check(const ValidateOptions& options) {
    if (!options.scratch)
        return fail(
            ExitCode::SyntaxError,
            fmt::format("validate registers, reserves, preempts and clears on '{}', which would take it away "
                        "from a cluster that uses it: say --scratch if nobody does. No data are written",
                        options.device));
    if (options.second.empty() && !options.second_socket.empty())
        return fail(ExitCode::SyntaxError,
                    "--second-socket is the socket for --second=DEVICE, which is missing");
    return {};
}

struct Nodes {
    std::unique_ptr<HelperInitiator> first;
    std::unique_ptr<HelperInitiator> second;
};

Expected<Nodes> open_nodes(const ValidationSubject& subject, const CommonOptions& common) {
    Expected<std::unique_ptr<HelperInitiator>> first =
        HelperInitiator::open(subject.device, subject.socket, common);
    if (!first) return tl::unexpected<Failure>(first.error());
    Nodes nodes{*std::move(first), nullptr};
    if (subject.second.empty()) return nodes;
    Expected<std::unique_ptr<HelperInitiator>> second =
        HelperInitiator::open(subject.second, subject.second_socket, common);
    if (!second) return tl::unexpected<Failure>(second.error());
    nodes.second = *std::move(second);
    if (const Expected<void> checked = check_second(*nodes.first, *nodes.second); !checked)
        return tl::unexpected<Failure>(checked.error());
    return nodes;
}

ExitCode conclude(const ValidationSubject& subject, const ValidationOutcome& outcome, bool json) {
    const ExitCode code = exit_code_of(outcome);
    if (json) return print(render_json(subject, outcome), code);
    if (!outcome.refusal) return print(closing(subject, outcome), code);
    if (!outcome.left.empty()) print(closing(subject, outcome));
    return print_failure("validate", *outcome.refusal, false);
}

ExitCode validate(const ValidateOptions& options, const CommonOptions& common) {
    if (const Expected<void> checked = check(options); !checked)
        return print_failure("validate", checked.error(), common.json);
    ValidationSubject subject{options.device, common.socket, options.second,
                              options.second_socket.empty() ? common.socket : options.second_socket,
                              make_keys()};
    Expected<Nodes> nodes = open_nodes(subject, common);
    if (!nodes) return print_failure("validate", nodes.error(), common.json);
    subject.title = title_of(*nodes->first);
    bool heard = !common.json;
    const auto say = [&](const std::string& text) { heard = heard && print(text) == ExitCode::Success; };
    // From here on nothing ends the program but its own end: what was registered is to be removed.
    const StopSignals signals;
    std::signal(SIGPIPE, SIG_IGN);

    StepLines lines;
    Validation::Settings settings;
    settings.keys = subject.keys;
    settings.clear_keys = options.clear_keys;
    settings.aborts = options.preempt_abort;
    settings.same_unit =
        nodes->second != nullptr && share(nodes->first->identity().wwids, nodes->second->identity().wwids);
    settings.stopped = [&] { return StopSignals::stops(signals.take()); };
    settings.tell = [&](const StepOutcome& outcome) { say(lines.text(outcome)); };
    say(heading(subject));
    Validation validation(*nodes->first, nodes->second.get(), std::move(settings));
    return conclude(subject, validation.run(), common.json);
}

}  // namespace

Tool validate_tool() {
    const auto options = std::make_shared<ValidateOptions>();
    return {
        "validate",
        "see whether a disk can do what clusters need",
        "Plays what Windows Failover Cluster and fence_scsi do with a disk that nobody uses: registering, "
        "reserving "
        "with type 5, conflicts, preempting, APTPL. Says of each step whether it works, and of one that does "
        "not "
        "whose fault that is: the array's, a path's, multipathd's or the helper's. Most of it takes a second "
        "initiator (--second); what was not tested is never called working. No data are written; what was "
        "registered is removed, also when it is interrupted. Exit status 0: everything that was tested "
        "works; 24: "
        "the disk is in use; 99: something fails, or is left.",
        "validate --scratch /dev/sdb\n"
        "validate --scratch --second=/dev/sdc --preempt-abort /dev/sdb\n"
        "validate --scratch --second=/dev/sdd --json /dev/mapper/mpatha | jq .verdicts",
        false,
        {{"--scratch", "", "nobody uses DEVICE: without this nothing is done", &options->scratch},
         {"--second", "DEVICE",
          "the same disk through another I_T nexus (another HBA, target port or session; of the emulator "
          "another name of the file): the second node",
          &options->second},
         {"--second-socket", "PATH", "the helper of the second node (default: the same)",
          &options->second_socket},
         {"--clear-keys", "",
          "remove the registrations and the reservation that are on DEVICE, which is refused otherwise",
          &options->clear_keys},
         {"--preempt-abort", "",
          "send PREEMPT AND ABORT too, which hangs Linux's own target on loopback ports",
          &options->preempt_abort},
         {"DEVICE", "", "block device or /dev/sg* of the logical unit", &options->device, true}},
        [options](const CommonOptions& common) { return validate(*options, common); }};
}

}  // namespace prh::ctl
