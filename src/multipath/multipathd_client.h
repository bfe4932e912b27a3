// SPDX-License-Identifier: MIT
// multipathd, about one map. What it could not be told when a guest's command wanted it (it is absent, silent
// or busy) is told later, in the same order; the command goes on without it. The administrator is told once
// of each cause.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "multipath/multipathd_protocol.h"
#include "multipath/multipathd_socket.h"
#include "multipath/path_manager.h"
#include "multipath/sysfs_map.h"

namespace prh {

class MultipathdClient final : public PathManager {
  public:
    using Clock = std::chrono::steady_clock;

    /// `socket` outlives this. `report`: one line for an administrator. `on_untold`: something could not be
    /// told, and tell_untold() is to be called some time.
    MultipathdClient(
        MultipathdSocket& socket, SysfsMap map, std::function<void(std::string_view)> report,
        std::function<void()> on_untold = [] {})
        : socket_(socket),
          map_(std::move(map)),
          report_(std::move(report)),
          on_untold_(std::move(on_untold)) {}

    /// A request waits for multipathd for the socket's patience in sum; what it tells after that is told
    /// later.
    void begin_request() { waited_ = {}; }

    bool has_untold() const;
    struct Outcome {
        std::optional<Clock::time_point> again{};  ///< nothing: all has been told
        bool silent = false;                       ///< the next map need not try
    };
    /// Tells what could not be told, on no request's way: waits longer.
    Outcome tell_untold();

    /// Tells this, whatever it was told before: it may have been told something older since.
    void repeat(const std::optional<Key>& key, bool holding);

    std::optional<Key> key() override;
    void set_key(const Key& key) override;
    void unset_key() override;
    void set_registered(const std::vector<std::string>& paths) override;
    void unset_registered() override;
    void set_holding(bool holding) override;
    void correct(const std::optional<Key>& key, bool holding) override;

  private:
    enum class Cause { Absent, Silent, Broken, Denied, Busy, KeyRefused, StatusRefused, UnknownMap };

    enum class Way { OfRequest, Later };
    enum class Told { Done, Refused, Later };
    /// What is told of each replaces what was to be told of it before. In the order in which it is told.
    enum class Subject { Key, Registered, Holding };
    using Telling = std::function<Told(Way)>;
    struct Untold {
        std::uint64_t version = 0;
        Telling tell;
        bool sets = false;  // that there is a key, or a registration
        Clock::time_point not_before{};
    };

    void want(Subject subject, Telling tell, bool sets);
    void replace(Subject subject, Telling tell, bool sets);
    Telling telling_key(const std::optional<Key>& key);
    Telling telling_registered(const std::optional<std::vector<std::string>>& paths);
    Telling telling_holding(bool holding);
    bool tell_due(Way way);
    Told tell_key(const Key& key, Way way);
    Told tell_registered(const std::vector<std::string>& paths, Way way);
    Told tell_holding(bool holding, Way way);

    /// "VERB map dm-3REST"; nothing where there is no reply, which is told.
    std::optional<std::string> ask(Way way, std::string_view verb, std::string_view rest = "");
    /// The same for a command that is answered with "ok". Tells why not, but for refusals.
    std::optional<MultipathdAnswer> tell(Way way, std::string_view verb, std::string_view rest = "");
    std::optional<MultipathdAnswer> known(MultipathdAnswer answer);
    /// It refused: is it the map that it does not know?
    void warn_of_refusal(Way way, Cause cause, std::string_view what, std::string_view remedy);
    void warn(Cause cause, std::string_view what, std::string_view remedy);

    MultipathdSocket& socket_;
    const SysfsMap map_;
    const std::function<void(std::string_view)> report_;
    const std::function<void()> on_untold_;
    Clock::duration waited_{};  // by the request that is going on
    mutable std::mutex mutex_;  // of what follows; never held while multipathd is asked
    std::map<Subject, Untold> untold_;
    std::uint64_t version_ = 0;
    bool telling_ = false;  // a thread is at it, and takes along what is added
    std::set<Cause> warned_of_;
};

}  // namespace prh
