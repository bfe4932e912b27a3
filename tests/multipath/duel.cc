// SPDX-License-Identifier: MIT
#include "multipath/duel.h"

#include <fmt/format.h>

#include <algorithm>

#include "multipath/mutants.h"
#include "multipath/world.h"
#include "scsi/names.h"

namespace prh::multipath {
namespace {

const Cdb kNothing = Cdb::persistent_reserve_in(PrInAction::ReadKeys, 0);

std::uint64_t folded(std::uint64_t into, std::uint64_t value) {
    into ^= value + 0x9E3779B97F4A7C15U + (into << 6) + (into >> 2);
    into *= 0xBF58476D1CE4E5B9U;
    return into ^ into >> 29;
}

std::uint64_t folded(std::uint64_t into, ConstBytes bytes) {
    std::uint64_t sum = 0xCBF29CE484222325U;
    for (const std::uint8_t byte : bytes) sum = (sum ^ byte) * 0x100000001B3U;
    return folded(into, sum);
}

std::uint64_t folded(std::uint64_t into, const std::string& text) {
    return folded(into, ConstBytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

std::vector<Nexus> nexuses_of_host(const DuelPlan& plan, std::size_t host) {
    std::vector<Nexus> nexuses;
    const auto first = static_cast<unsigned>(plan.one_host ? 1 : 1 + host * 0x10);
    for (unsigned i = 0; i < plan.paths; ++i)
        nexuses.push_back(test::nexus(first + i, static_cast<std::uint16_t>(1 + i)));
    return nexuses;
}

std::vector<std::uint16_t> ports_of_plan(const DuelPlan& plan) {
    std::vector<std::uint16_t> ports;
    for (std::size_t i = 1; i <= plan.paths; ++i) ports.push_back(static_cast<std::uint16_t>(i));
    return ports;
}

}  // namespace

/// Stops before every command of a request that takes part in the schedule.
class Duel::TurnPaths final : public Paths {
  public:
    TurnPaths(Duel& duel, std::size_t host, SimulatedPaths& paths)
        : duel_(duel), host_(host), paths_(paths) {}

    std::size_t count() const override { return paths_.count(); }
    bool usable(std::size_t path) const override { return paths_.usable(path); }
    std::vector<std::string> out_of_reach() override { return paths_.out_of_reach(); }
    std::string name(std::size_t path) const override { return paths_.name(path); }
    std::optional<PortPair> ports(std::size_t path) const override { return paths_.ports(path); }
    void refresh() override { paths_.refresh(); }
    void pause(std::chrono::milliseconds) override {}

    std::vector<PathAnswer> send_all(std::span<const Sending> sendings) override {
        std::vector<PathAnswer> answers;
        for (const Sending& one : sendings) answers.push_back(send(one.path, one.command));
        return answers;
    }

    PathAnswer send(std::size_t path, const PathCommand& command) override {
        Running* const running = duel_.current_;
        if (running == nullptr) return sent(path, command);
        running->fiber->yield();
        const Turn turn = running->turn;
        if (turn.death == Turn::Death::kBeforeCommand) throw Death();
        if (turn.fault != nullptr) paths_.fail(paths_.log().size(), *turn.fault);
        const PathAnswer answer = sent(path, command);
        running->history = folded(running->history, path);
        running->history = folded(running->history, command.cdb.bytes());
        running->history = folded(running->history, command.parameter_list);
        running->history = folded(running->history, static_cast<std::uint64_t>(answer.delivery));
        running->history = folded(running->history, static_cast<std::uint64_t>(answer.result.status));
        if (const auto code = answer.result.sense.code())
            running->history = folded(running->history,
                                      static_cast<unsigned>(code->key) << 16 | code->asc << 8 | code->ascq);
        running->history =
            folded(running->history,
                   ConstBytes(command.data_in)
                       .first(std::min<std::size_t>(answer.result.data_length, command.data_in.size())));
        if (turn.death == Turn::Death::kAfterCommand) throw Death();
        return answer;
    }

  private:
    PathAnswer sent(std::size_t path, const PathCommand& command) {
        const PathAnswer answer = paths_.send(path, command);
        duel_.tell(host_, paths_.log().back());
        return answer;
    }

    Duel& duel_;
    const std::size_t host_;
    SimulatedPaths& paths_;
};

/// The record of a map: of two helpers of one host, one waits while the other has it.
class Duel::TurnStore final : public RecordStore {
  public:
    struct Shared {
        explicit Shared(Interruption& interruption) : store(interruption) {}
        MemoryStore store;
        bool locked = false;
    };

    TurnStore(Duel& duel, std::shared_ptr<Shared> shared) : duel_(duel), shared_(std::move(shared)) {}

    Status lock() override {
        if (mutant == Mutant::kRecordReadOnce) return {};
        Running* const running = duel_.current_;
        while (shared_->locked && running != nullptr) {
            running->waits_for_record = true;
            running->fiber->yield();
            running->waits_for_record = false;
        }
        shared_->locked = true;
        return {};
    }
    Status try_lock() override {
        if (shared_->locked) return fail("the other helper holds it");
        return lock();
    }
    void unlock() override { shared_->locked = false; }
    Result<std::optional<MapRecord>> load() override { return shared_->store.load(); }
    bool save(const MapRecord& record) override { return shared_->store.save(record); }

    bool locked() const { return shared_->locked; }
    bool readable() { return shared_->store.load().has_value(); }
    MemoryStore& memory() { return shared_->store; }
    const std::shared_ptr<Shared>& shared() const { return shared_; }

  private:
    Duel& duel_;
    std::shared_ptr<Shared> shared_;
};

struct Duel::Host {
    Host(Duel& duel, std::size_t number, std::shared_ptr<TurnStore::Shared> shared)
        : paths(duel.lun_, duel.interruption_, nexuses_of_host(duel.plan_, number), duel.plan_.ports_known),
          turns(duel, number, paths),
          manager(FakeManager::Kind::kAbsent, duel.interruption_),
          store(duel, std::move(shared)) {}

    SimulatedPaths paths;
    TurnPaths turns;
    FakeManager manager;
    TurnStore store;
    std::unique_ptr<Engine> engine;
};

std::string name_of_request(const GuestRequest& request) {
    if (request.command.cdb == kWatch.cdb) return fmt::format("{} watch", "ABC"[request.host]);
    const auto& list = request.command.list;
    if (list.size() < 16)
        return fmt::format("{} {}", "ABC"[request.host], name_of_action(request.command.cdb));
    return fmt::format("{} {} {:x} {:x}", "ABC"[request.host], name_of_action(request.command.cdb),
                       load_be<std::uint64_t>(list.data()), load_be<std::uint64_t>(&list[8]));
}

Duel::Duel(const DuelPlan& plan) : plan_(plan), lun_(plan.dialect, ports_of_plan(plan)) {
    for (std::size_t host = 0; host < kPlain; ++host) {
        auto shared = plan.one_host && host > 0 ? hosts_[0]->store.shared()
                                                : std::make_shared<TurnStore::Shared>(interruption_);
        hosts_.push_back(std::make_unique<Host>(*this, host, std::move(shared)));
        for (std::size_t i = 0; i < plan.paths; ++i) lun_.know(hosts_[host]->paths.nexus(i).initiator_port);
        restart(host);
    }
    lun_.know(plain_nexus().initiator_port);
    for (const GuestRequest& one : plan.before) ask(one.host, one.command);
    for (std::size_t host = 0; host < kPlain; ++host) {
        if (plan.away[host]) hosts_[host]->paths.become(*plan.away[host], Health::kOffline);
        hosts_[host]->paths.reset_log();
    }
    for (const GuestRequest& one : plan.requests)
        running_.push_back({one, {}, false, false, false, {}, 0, {}});
    came_before_.assign(running_.size(), std::vector<bool>(running_.size()));
    for (Running& running : running_)
        running.fiber = std::make_unique<Fiber>([this, &running] { body(running); });
}

Duel::~Duel() {
    for (Running& running : running_) running.fiber.reset();  // while what it uses is there
}

const SimulatedPaths& Duel::paths(std::size_t host) const { return hosts_[host]->paths; }

Nexus Duel::plain_nexus() { return World::other_nexus(0); }

void Duel::restart(std::size_t host) {
    Host& it = *hosts_[host];
    const auto random = [this] { return ++random_ * 0x0000'0123'4567'89ABU & 0xFFFF'FFFF'FFFFU; };
    it.engine = std::make_unique<Engine>(
        EngineWorld{it.turns, it.manager, it.store, random, [](std::string_view) {}}, EnginePolicy{});
}

CommandResult Duel::execute(std::size_t host, const GuestCommand& command) {
    std::vector<std::uint8_t> data(command.cdb.is_persistent_reserve_in() ? 8192 : 0);
    if (host != kPlain && command.cdb == kWatch.cdb) {
        // What it could not do now, it does another time.
        hosts_[host]->engine->tend({});
        return CommandResult::good();
    }
    if (host != kPlain) return hosts_[host]->engine->execute(command.cdb, command.list, data);
    if (current_ != nullptr) {
        current_->fiber->yield();
        if (current_->turn.death != Turn::Death::kNone) throw Death();
    }
    const CommandResult result = lun_.execute(plain_nexus(), command.cdb, command.list, data);
    if (keeps_story_) story_ += fmt::format("  C: {} -> {}\n", command.to_string(), test::brief(result));
    return result;
}

void Duel::body(Running& running) {
    try {
        running.answer = test::brief(execute(running.request.host, running.request.command));
    } catch (const Death&) {
        running.answer = "death";
    }
    if (running.answer == "death" && running.request.host != kPlain) after_death(running.request.host);
}

void Duel::after_death(std::size_t host) {
    Host& it = *hosts_[host];
    it.store.unlock();  // as the kernel does
    if (plan_.unreadable_after_death) it.store.memory().become_readable(false);
    if (plan_.other_path_after_death) {
        const Nexus& nexus = it.paths.nexus(plan_.paths - 1);
        const GuestCommand leave = reg_ignore(0, 0);
        while (lun_.execute(nexus, leave.cdb, leave.list, {}).status != ScsiStatus::Good) {
        }
    }
    restart(host);
}

bool Duel::may_step(std::size_t request) const {
    const Running& running = running_[request];
    return !running.ended && !(running.waits_for_record && hosts_[running.request.host]->store.locked());
}

void Duel::step(const Turn& turn) {
    Running& running = running_[turn.request];
    current_ = &running;
    if (!running.begun) {
        running.begun = true;
        for (std::size_t i = 0; i < running_.size(); ++i)
            if (running_[i].ended) came_before_[i][turn.request] = true;
        running.fiber->resume();  // to its first command
    }
    running.turn = turn;
    if (!running.fiber->ended()) running.fiber->resume();
    running.turn = {};
    running.ended = running.fiber->ended();
    if (running.ended) {
        running.history = folded(running.history, running.answer);
        if (keeps_story_)
            story_ += fmt::format("{} is answered {}\n", "ABC"[running.request.host], running.answer);
    }
    current_ = nullptr;
}

bool Duel::came_before(std::size_t first, std::size_t second) const { return came_before_[first][second]; }

std::uint64_t Duel::state() const {
    std::uint64_t sum = 1;
    LogicalUnit copy = lun_.unit();
    std::vector<Nexus> nexuses;
    for (std::size_t host = 0; host < kPlain; ++host)
        for (std::size_t i = 0; i < plan_.paths; ++i) nexuses.push_back(paths(host).nexus(i));
    nexuses.push_back(plain_nexus());
    for (const Nexus& nexus : nexuses) {
        const auto key = copy.registrations().key_of(nexus);
        sum = folded(sum, key ? key->value : 0);
        sum = folded(sum, copy.is_holder(nexus) ? 1 : 0);
        for (;;) {
            const CommandResult result = copy.execute(nexus, kNothing, {}, {});
            if (result.status == ScsiStatus::Good) break;
            const auto code = result.sense.code();
            sum = folded(sum, code ? code->asc << 8 | code->ascq : 0);
        }
        sum = folded(sum, 7);
    }
    sum = folded(sum, copy.reservation() ? static_cast<std::uint64_t>(copy.reservation()->type) : 0);
    for (const Running& running : running_)
        sum = folded(sum, running.history + (running.begun ? 1 : 0) + (running.ended ? 2 : 0) +
                              (running.waits_for_record ? 4 : 0));
    for (const auto& row : came_before_)
        for (const bool before : row) sum = folded(sum, before ? 1 : 0);
    for (std::size_t host = 0; host < kPlain; ++host) {
        for (std::size_t i = 0; i < plan_.paths; ++i)
            sum = folded(sum, static_cast<std::uint64_t>(paths(host).health(i)));
        if (plan_.one_host) sum = folded(sum, hosts_[host]->store.locked() ? 1 : 0);
    }
    return sum;
}

std::string Duel::ask(std::size_t host, const GuestCommand& command) {
    if (host != kPlain) hosts_[host]->paths.refresh();
    std::string answer = test::brief(execute(host, command));
    for (int i = 0; i < 8 && answer.starts_with("6/"); ++i) answer = test::brief(execute(host, command));
    if (keeps_story_)
        story_ += fmt::format("{} asks {} and is answered {}\n", "ABC"[host], command.to_string(), answer);
    return answer;
}

void Duel::settle() {
    for (std::size_t host = 0; host < kPlain; ++host) {
        SimulatedPaths& paths = hosts_[host]->paths;
        paths.settle();
        for (std::size_t i = 0; i < plan_.paths; ++i) paths.become(i, Health::kOnline);
        if (!hosts_[host]->store.readable()) ask(host, read_keys());
        hosts_[host]->store.memory().become_readable(true);
    }
    for (std::size_t host = 0; host < kPlain; ++host)
        ask(host, {Cdb::persistent_reserve_out(static_cast<PrOutAction>(8), 0, 24), reg(0, 0).list});
}

std::string Duel::left_over() const {
    for (const Registration& one : lun_.unit().registrations().list())
        if (one.key.value >> 40 == 0x505248) return "a temporary key is left";
    return "";
}

void Duel::tell(std::size_t host, const Sent& sent) {
    if (keeps_story_) story_ += fmt::format("  {}: {}", "ABC"[host], sent.to_string());
}

}  // namespace prh::multipath
