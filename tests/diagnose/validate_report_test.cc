// SPDX-License-Identifier: MIT
// What is shown of a run: a line for each step, a verdict for each cluster, and what removes what is left.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "diagnose/validate_rehearsal.h"
#include "diagnose/validation_report.h"

namespace prh::test {
namespace {

ctl::ValidationSubject subject() {
    return {"/dev/sdb", "/var/run/qemu-pr-helper.sock", "/dev/it's", "/run/b.sock", {{0xA}, {0xB}, {0xC}}};
}

TEST(ValidateReport, HasALineForEachStep) {
    Rehearsal rehearsal;
    const auto outcome = rehearsal.play();
    ctl::StepLines lines;
    for (const ctl::StepOutcome& step : outcome.steps) {
        const std::string text = lines.text(step);
        EXPECT_NE(text.find("  ok          " + std::string(step.step->title)), std::string::npos) << text;
    }
    const std::string end = closing(subject(), outcome);
    EXPECT_NE(end.find("What Windows Failover Cluster needs: works\n"), std::string::npos);
    EXPECT_NE(end.find("What fence_scsi needs: works\n"), std::string::npos);
    EXPECT_NE(end.find("Nothing of this run is left"), std::string::npos);
    EXPECT_NE(end.find("A loss of power cannot be tested"), std::string::npos);
}

TEST(ValidateReport, SaysWhatWasNotTestedAndHowToTestIt) {
    Rehearsal rehearsal;
    const auto outcome = rehearsal.play(false);
    const std::string end = closing(subject(), outcome);
    EXPECT_NE(
        end.find("What fence_scsi needs: what was tested works\n  not tested  Two nodes: it takes a second "
                 "initiator: --second=DEVICE"),
        std::string::npos)
        << end;
    EXPECT_EQ(end.find("needs: works"), std::string::npos);
}

TEST(ValidateReport, SaysWhoseFaultAFailureIs) {
    Rehearsal rehearsal;
    rehearsal.mishap = [](unsigned number, const Cdb&) {
        return number > 6 ? Mishap::PathLost : Mishap::None;
    };
    const auto outcome = rehearsal.play();
    ctl::StepLines lines;
    std::string text;
    for (const ctl::StepOutcome& step : outcome.steps) text += lines.text(step);
    EXPECT_NE(text.find("  FAILED      "), std::string::npos);
    EXPECT_NE(text.find("    fault of    path\n    because     "), std::string::npos) << text;
    EXPECT_NE(closing(subject(), outcome).find("What fence_scsi needs: does NOT work: "), std::string::npos);
}

TEST(ValidateReport, NamesTheCommandThatRemovesWhatIsLeft) {
    ctl::ValidationOutcome outcome;
    outcome.left = {{ctl::Node::First, {0xA}, true}, {ctl::Node::Second, {0xC}, false}};
    const std::string end = closing(subject(), outcome);
    EXPECT_NE(end.find("Key 0xa is left on the disk. This removes it:\n  prhelperctl register "
                       "--retry-unit-attention --param-rk=0xa /dev/sdb\n"),
              std::string::npos)
        << end;
    EXPECT_NE(
        end.find(
            "Key 0xc may be left on the disk. This removes it:\n  prhelperctl --socket=/run/b.sock register "
            "--retry-unit-attention --param-rk=0xc '/dev/it'\\''s'\n"),
        std::string::npos)
        << end;
}

TEST(ValidateReport, SaysTheSameAsJson) {
    Rehearsal rehearsal;
    const auto outcome = rehearsal.play(false);
    const auto json = nlohmann::json::parse(render_json(subject(), outcome));
    EXPECT_EQ(json["command"], "validate");
    EXPECT_EQ(json["exit_code"], 0);
    EXPECT_EQ(json["steps"].size(), outcome.steps.size());
    EXPECT_EQ(json["steps"][0]["status"], "ok");
    EXPECT_EQ(json["steps"].back()["status"], "not_tested");
    EXPECT_EQ(json["verdicts"]["wsfc"]["result"], "incomplete");
    EXPECT_EQ(json["verdicts"]["wsfc"]["failed"].size(), 0U);
    EXPECT_EQ(json["left"].size(), 0U);
}

TEST(ValidateReport, NamesTheKeysOfOthersThatWereRemoved) {
    ctl::ValidationOutcome outcome;
    outcome.cleared = {{0x77}, {0x78}};
    EXPECT_NE(closing(subject(), outcome).find("Removed before, with --clear-keys: 0x77, 0x78\n"),
              std::string::npos);
}

TEST(ValidateReport, HarmlessToATerminal) {
    ctl::StepOutcome step{&ctl::scenes()[0], &ctl::scenes()[0].steps[0], ctl::StepStatus::Failed};
    step.finding = ctl::Finding{ctl::Fault::Array, "\x1b[31m"};
    EXPECT_EQ(ctl::StepLines().text(step).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace prh::test
