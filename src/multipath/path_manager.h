// SPDX-License-Identifier: MIT
// The seam to multipathd: what it must know so that it registers a path before it takes it back into use.
// Nothing here fails: a guest's command never depends on multipathd, and an administrator is told of what it
// refused by whoever implements this.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scsi/reservation.h"

namespace prh {

class PathManager {
  public:
    struct Key {
        ReservationKey value;
        bool aptpl = false;
        friend bool operator==(const Key&, const Key&) = default;
    };

    virtual ~PathManager() = default;

    virtual std::optional<Key> key() = 0;      ///< "getprkey": nothing where there is none, or nobody to ask
    virtual void set_key(const Key& key) = 0;  ///< "setprkey": with it, returning paths are registered
    virtual void unset_key() = 0;
    /// "setprstatus": the map is registered, through these paths ("8:16") already.
    virtual void set_registered(const std::vector<std::string>& paths) = 0;
    virtual void unset_registered() = 0;
    virtual void set_holding(bool holding) = 0;  ///< "setprhold", "unsetprhold"
    /// Another process has changed the record: what could not be told yet is what it says now.
    virtual void correct(const std::optional<Key>& /*key*/, bool /*holding*/) {}
};

}  // namespace prh
