// SPDX-License-Identifier: MIT
// Plays the scenes with one node or two, judges what comes of each step, and leaves the disk as it was: a
// scene that fails is ended there, and its registrations are removed before the next one.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "diagnose/cluster_nodes.h"

namespace prh::ctl {

enum class StepStatus { Ok, Failed, NotTested };

struct StepOutcome {
    const Scene* scene = nullptr;
    const Step* step = nullptr;
    StepStatus status = StepStatus::Ok;
    std::string reason{};              ///< why it was not tested
    std::optional<Finding> finding{};  ///< why it failed
    std::optional<CommandResult> result{};
    unsigned unit_attentions = 0;  ///< after which the command was sent again
};

struct ValidationOutcome {
    std::optional<Failure> refusal;       ///< why it was not begun
    std::vector<ReservationKey> cleared;  ///< of others, with the user's consent
    std::vector<StepOutcome> steps;
    std::vector<Leftover> left;
    bool interrupted = false;
};

class Validation {
  public:
    struct Settings {
        ValidationKeys keys;
        bool clear_keys = false;  ///< those of others may be removed before
        bool aborts = false;      ///< PREEMPT AND ABORT may be sent
        bool same_unit = false;   ///< both nodes have the same WWID
        std::function<bool()> stopped = [] { return false; };
        std::function<void(const StepOutcome&)> tell = [](const StepOutcome&) {};
    };

    Validation(Initiator& first, Initiator* second, Settings settings)
        : settings_(std::move(settings)), nodes_(first, second, settings_.keys) {}

    ValidationOutcome run();

  private:
    // validation.cc
    void play(const Scene& scene);
    std::string why_not(const Scene& scene) const;
    void learn_from(const StepOutcome& outcome);
    Expected<void> make_room();
    Expected<void> clear();
    // validation_play.cc
    StepOutcome play(const Scene& scene, const Step& step);
    void command(const Step& step, PrOutAction action, StepOutcome& outcome);
    void ask(const Step& step, Question question, StepOutcome& outcome);
    void ask_capabilities(const Step& step, StepOutcome& outcome);
    void ask_multipathd(const Step& step, StepOutcome& outcome);
    void ask_full_status(const Step& step, StepOutcome& outcome);
    void look_after(const Step& step, StepOutcome& outcome);
    std::optional<Finding> judge_sent(const Due& due, const Sent& sent, Node node);
    std::optional<Finding> judge_look(const ClusterNodes::Look& look, Node node);
    /// Judges, and once more with what is found out of the paths if something is amiss.
    std::optional<Finding> judge(Node node,
                                 const std::function<std::optional<Finding>(const WayFacts&)>& with);
    Due due_of(const Step& step);
    WayFacts way_of(Node node);

    const Settings settings_;
    ClusterNodes nodes_;
    ValidationOutcome outcome_;
    std::map<Node, WayFacts> ways_;
    std::optional<DiskState> last_;  // what the disk said last
    std::string given_up_;           // why nothing more can be tested
    std::string no_second_;          // why nothing more with two nodes
    bool persists_ = true;           // PTPL_C
    bool answered_ = false;          // a command has ended GOOD
};

}  // namespace prh::ctl
