// SPDX-License-Identifier: MIT
// A record that outlives the engine that wrote it, as the text that a file would hold: so what is lost in
// writing and reading is lost here too.
#pragma once

#include <optional>
#include <string>

#include "multipath/interruption.h"
#include "multipath/map_record.h"

namespace prh::multipath {

class MemoryStore : public RecordStore {
  public:
    explicit MemoryStore(Interruption& interruption) : interruption_(interruption) {}

    Status lock() override { return {}; }
    Status try_lock() override {
        if (taken_) return fail("another process holds it");
        return {};
    }
    void unlock() override {}
    Result<std::optional<MapRecord>> load() override {
        if (unreadable_) return fail("Too many open files");
        return read();
    }
    bool save(const MapRecord& record) override {
        interruption_.moment();
        if (keeps_) text_ = record.to_text();
        ++saves_;
        interruption_.moment();
        return keeps_;
    }

    std::optional<MapRecord> read() const { return text_ ? MapRecord::parse(*text_) : std::nullopt; }
    void lose() { text_.reset(); }
    void keep_nothing() { keeps_ = false; }    ///< a full disk
    void take(bool taken) { taken_ = taken; }  ///< by another process
    void become_readable(bool readable) { unreadable_ = !readable; }
    std::size_t saves() const { return saves_; }

  private:
    Interruption& interruption_;
    std::optional<std::string> text_;
    bool keeps_ = true;
    bool unreadable_ = false;
    bool taken_ = false;
    std::size_t saves_ = 0;
};

}  // namespace prh::multipath
