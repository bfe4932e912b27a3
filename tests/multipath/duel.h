// SPDX-License-Identifier: MIT
// Hosts that meet at one logical unit: two with an engine over paths of their own, and one that sends plain
// commands. Each request of a guest is a fiber that stops before every command; step() lets one go on by one
// command. So the test decides who sends next, what fails, and who dies.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "multipath/engine.h"
#include "multipath/fake_manager.h"
#include "multipath/fiber.h"
#include "multipath/guest_command.h"
#include "multipath/memory_store.h"
#include "multipath/simulated_lun.h"
#include "multipath/simulated_paths.h"

namespace prh::multipath {

inline constexpr std::size_t kHosts = 3;  ///< two with an engine; the last one sends plain commands
inline constexpr std::size_t kPlain = 2;

/// As a request: the watch of paths lets the engine look after its map.
inline const GuestCommand kWatch{};

struct GuestRequest {
    std::size_t host = 0;
    GuestCommand command;
};

/// What is done before, one request after the other, and the requests that then meet.
struct DuelPlan {
    std::string name;
    std::vector<GuestRequest> before;
    std::vector<GuestRequest> requests;
    Dialect dialect = Dialect::kSpc;
    std::size_t paths = 2;
    bool ports_known = true;
    bool one_host = false;  ///< both engines serve the same paths and share the record: two helpers of a host
    bool unreadable_after_death = false;  ///< the next process cannot read the record at first
    bool other_path_after_death =
        false;  ///< the last path is another one for the next process, under its number
    std::array<std::optional<std::size_t>, 2> away =
        {};  ///< a path of each host that is away while they meet
};

std::string name_of_request(const GuestRequest& request);

class Duel {
  public:
    explicit Duel(const DuelPlan& plan);
    ~Duel();

    const DuelPlan& plan() const { return plan_; }
    std::size_t requests() const { return running_.size(); }
    bool begun(std::size_t request) const { return running_[request].begun; }
    bool ended(std::size_t request) const { return running_[request].ended; }
    /// `first` ended before `second` began.
    bool came_before(std::size_t first, std::size_t second) const;
    /// As test::brief() has it; "death" if the process died.
    const std::string& answer(std::size_t request) const { return running_[request].answer; }
    bool may_step(std::size_t request) const;

    struct Turn {
        std::size_t request = 0;
        const Fault* fault = nullptr;
        enum class Death { kNone, kBeforeCommand, kAfterCommand } death = Death::kNone;
    };
    /// One command of the request is executed, with what goes wrong with it.
    void step(const Turn& turn);
    /// Everything that has happened and may make a difference to what happens next.
    std::uint64_t state() const;

    /// All paths are back, and each guest asks for something that changes nothing.
    void settle();
    /// A request outside of the schedule.
    std::string ask(std::size_t host, const GuestCommand& command);

    const SimulatedLun& lun() const { return lun_; }
    const SimulatedPaths& paths(std::size_t host) const;
    static Nexus plain_nexus();
    void keep_story() { keeps_story_ = true; }
    const std::string& story() const { return story_; }
    /// Something that must never be there, found by the duel itself; empty: nothing.
    std::string left_over() const;

  private:
    class TurnPaths;
    class TurnStore;
    struct Host;
    struct Running {
        GuestRequest request;
        std::unique_ptr<Fiber> fiber;
        bool begun = false, ended = false, waits_for_record = false;
        std::string answer;
        std::uint64_t history = 0;
        Turn turn;
    };

    void restart(std::size_t host);
    void after_death(std::size_t host);
    void body(Running& running);
    CommandResult execute(std::size_t host, const GuestCommand& command);
    Running* running_on(std::size_t host);
    void tell(std::size_t host, const Sent& sent);

    const DuelPlan& plan_;
    Interruption interruption_;
    SimulatedLun lun_;
    std::vector<std::unique_ptr<Host>> hosts_;
    std::vector<Running> running_;
    std::vector<std::vector<bool>> came_before_;
    Running* current_ = nullptr;  // whose turn it is; null: outside of the schedule
    std::uint64_t random_ = 0;
    bool keeps_story_ = false;
    std::string story_;
};

}  // namespace prh::multipath
