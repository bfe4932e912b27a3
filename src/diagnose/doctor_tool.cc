// SPDX-License-Identifier: MIT
#include "diagnose/doctor_tool.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "client/device_node.h"
#include "client/disk_question.h"
#include "client/standard_output.h"
#include "diagnose/collect.h"
#include "diagnose/disk_checks.h"
#include "diagnose/helper_checks.h"
#include "diagnose/outcome_text.h"

namespace prh::ctl {
namespace {

struct DoctorOptions {
    std::string device;
    std::string multipathd;
};

/// Disks, opened; and what is said of those that cannot be.
struct Disks {
    std::vector<DiskFacts> facts;
    Diagnoses failures;
    std::optional<ExitCode> failed;  ///< of the one that the user has named
};

class Examination {
  public:
    Examination(const CommonOptions& common, const DoctorOptions& options)
        : common_(common),
          options_(options),
          multipathd_({options.multipathd}),
          helper_(collect_helper(common)) {}

    void look() {
        if (options_.device.empty())
            look_at_served_disks();
        else
            look_at(options_.device, "");
    }

    Diagnoses findings() {
        const bool maps = std::any_of(disks_.facts.begin(), disks_.facts.end(),
                                      [](const DiskFacts& one) { return one.disk.several_paths(); });
        const MultipathdView multipathd = maps ? collect_multipathd(multipathd_) : MultipathdView{};
        Diagnoses all{check_helper(helper_), check_control(helper_)};
        if (!helper_.unreachable)
            for (Diagnosis& one : Diagnoses{check_capabilities(helper_), check_landlock(helper_),
                                            check_timeout(helper_), check_shared_nexuses(helper_)})
                all.push_back(std::move(one));
        if (!helper_.unreachable || maps) all.push_back(check_multipathd(helper_, multipathd, maps));
        for (const DiskFacts& one : disks_.facts) add(all, one.disk.node, of_disk(one, multipathd));
        for (Diagnosis& one : disks_.failures) all.push_back(std::move(one));
        return all;
    }

    /// What kept the question from being answered comes before the answer.
    ExitCode exit_code(const Diagnoses& findings) const {
        if (helper_.unreachable) return helper_.unreachable->exit_code;
        if (disks_.failed) return *disks_.failed;
        return is_healthy(findings) ? ExitCode::Success : ExitCode::False;
    }
    const HelperView& helper() const { return helper_; }

  private:
    static void add(Diagnoses& all, const std::string& disk, Diagnoses some) {
        for (Diagnosis& one : some) {
            one.disk = disk;
            all.push_back(std::move(one));
        }
    }

    Diagnoses of_disk(const DiskFacts& facts, const MultipathdView& multipathd) const {
        Diagnoses all;
        if (helper_.unreachable)
            all.push_back({"support", Judgement::NotChecked, "the helper cannot be reached"});
        else
            all.push_back(check_support(facts));
        for (Diagnosis& one : check_registrations(helper_, facts)) all.push_back(std::move(one));
        all.push_back(check_nexus(helper_, facts));
        for (Diagnosis& one : check_multipath(multipathd, facts)) all.push_back(std::move(one));
        return all;
    }

    /// `number`: what it has to be, so that no other disk of the same name is looked at; empty: whatever it
    /// is.
    void look_at(const std::string& node, const std::string& number) {
        const Expected<UniqueFd> device = open_device(node, true);
        if (!device) {
            const bool named = number.empty();
            disks_.failures.push_back({"device",
                                       named ? Judgement::Wrong : Judgement::NotChecked,
                                       device.error().message,
                                       {},
                                       node});
            if (named) disks_.failed = device.error().exit_code;
        } else if (!number.empty() && number_of(device->ref()) != number) {
            disks_.failures.push_back({"device",
                                       Judgement::NotChecked,
                                       "it is another device now than the helper has served",
                                       {},
                                       node});
        } else {
            disks_.facts.push_back(collect_disk(common_, helper_, &multipathd_, node, device->ref()));
        }
    }

    void look_at_served_disks() {
        if (!helper_.state) return;
        for (const DeviceState& device : helper_.state->devices)
            if (const Expected<std::string> node = node_of(device))
                look_at(*node, device.number);
            else
                disks_.failures.push_back(
                    {"device", Judgement::NotChecked, node.error().message, {}, device.title()});
    }

    const CommonOptions& common_;
    const DoctorOptions& options_;
    MultipathdSocket multipathd_;
    const HelperView helper_;
    Disks disks_;
};

ExitCode diagnose(const CommonOptions& common, const DoctorOptions& options) {
    Examination examination(common, options);
    examination.look();
    const Diagnoses findings = examination.findings();
    const ExitCode code = examination.exit_code(findings);
    return print(common.json ? doctor_json(findings, examination.helper(), options.device, code)
                             : doctor_text(findings),
                 code);
}

}  // namespace

Tool doctor_tool() {
    const auto options = std::make_shared<DoctorOptions>();
    return {
        "doctor",
        "find out what is wrong, and how to fix it",
        "Checks one thing after the other: the helper, its capabilities, its timeout, its clients, "
        "multipathd; "
        "and of DEVICE, or of every disk that the helper has served, persistent reservations themselves, the "
        "key on every path, and what multipath.conf says. What is wrong is said in plain words, with the "
        "lines that fix it. Nothing is written. Exit status 0: nothing is wrong, 36: something is.",
        "doctor /dev/mapper/mpatha\n"
        "doctor --json | jq -r '.findings[] | select(.verdict == \"wrong\") | .words'",
        true,
        {{"DEVICE", "", "multipath map, disk or /dev/sg*; an emulated disk's file", &options->device},
         {"--multipathd-socket", "PATH|@NAME",
          "where multipathd listens, as for the helper (default: where it always does)",
          &options->multipathd}},
        [options](const CommonOptions& common) { return diagnose(common, *options); }};
}

}  // namespace prh::ctl
