// SPDX-License-Identifier: MIT
// multipathd, about one map. What it refuses, or is not there to hear, is told to the administrator once for
// each cause; a guest's command goes on without it.
#pragma once

#include <functional>
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
    /// `socket` outlives this. `report`: one line for an administrator.
    MultipathdClient(MultipathdSocket& socket, SysfsMap map, std::function<void(std::string_view)> report)
        : socket_(socket), map_(std::move(map)), report_(std::move(report)) {}

    std::optional<Key> key() override;
    void set_key(const Key& key) override;
    void unset_key() override;
    void set_registered(const std::vector<std::string>& paths) override;
    void unset_registered() override;
    void set_holding(bool holding) override;

  private:
    enum class Cause { Absent, Silent, Broken, Denied, Busy, KeyRefused, StatusRefused, UnknownMap };

    /// "VERB map dm-3REST"; nothing where there is no reply, which is told.
    std::optional<std::string> ask(std::string_view verb, std::string_view rest = "");
    /// The same for a command that is answered with "ok". Tells why not, but for refusals.
    std::optional<MultipathdAnswer> tell(std::string_view verb, std::string_view rest = "");
    std::optional<MultipathdAnswer> known(MultipathdAnswer answer);
    /// It refused: is it the map that it does not know?
    void warn_of_refusal(Cause cause, std::string_view what, std::string_view remedy);
    void warn(Cause cause, std::string_view what, std::string_view remedy);

    MultipathdSocket& socket_;
    const SysfsMap map_;
    const std::function<void(std::string_view)> report_;
    std::set<Cause> warned_of_;
};

}  // namespace prh
