// SPDX-License-Identifier: MIT
// multipathd as an engine sees it: what it was told last, or nobody to tell.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "multipath/interruption.h"
#include "multipath/path_manager.h"

namespace prh::multipath {

class FakeManager : public PathManager {
  public:
    enum class Kind {
        kPresent,
        kAbsent,   ///< it does not run
        kRefuses,  ///< it runs without "reservation_key file": it keeps no key
    };

    FakeManager(Kind kind, Interruption& interruption) : kind_(kind), interruption_(interruption) {}

    std::optional<Key> key() override {
        if (kind_ != Kind::kPresent) return std::nullopt;
        return key_;
    }
    void set_key(const Key& key) override {
        told("set_key", [&] { key_ = key; });
    }
    void unset_key() override {
        told("unset_key", [&] { key_.reset(); });
    }
    void set_registered(const std::vector<std::string>& paths) override {
        std::string call = "set_registered";
        for (const std::string& path : paths) call += " " + path;
        told(std::move(call), [&] { registered_ = true; });
    }
    void unset_registered() override {
        told("unset_registered", [&] { registered_ = holding_ = false; });
    }
    void set_holding(bool holding) override {
        told(holding ? "set_holding" : "unset_holding", [&] { holding_ = holding; });
    }

    bool registered() const { return registered_; }
    bool holding() const { return holding_; }
    const std::vector<std::string>& calls() const { return calls_; }

  private:
    template <class Change>
    void told(std::string call, Change change) {
        interruption_.moment();
        calls_.push_back(std::move(call));
        if (kind_ == Kind::kPresent) change();
        interruption_.moment();
    }

    Kind kind_;
    Interruption& interruption_;
    std::optional<Key> key_;
    bool registered_ = false;
    bool holding_ = false;
    std::vector<std::string> calls_;
};

}  // namespace prh::multipath
