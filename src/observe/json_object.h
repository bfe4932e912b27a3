// SPDX-License-Identifier: MIT
// One JSON object (RFC 8259) in one line, written member by member.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace prh {

class JsonObject {
  public:
    JsonObject& add(std::string_view name, std::string_view text);
    JsonObject& add(std::string_view name, const char* text) { return add(name, std::string_view(text)); }
    JsonObject& add(std::string_view name, std::int64_t number);
    JsonObject& add(std::string_view name, bool value);
    JsonObject& add(std::string_view name, const std::vector<std::string>& texts);
    JsonObject& add(std::string_view name, const std::vector<std::uint64_t>& numbers);
    JsonObject& add(std::string_view name, const std::vector<JsonObject>& objects);
    JsonObject& add(std::string_view name, const JsonObject& object);

    std::string text() const { return "{" + members_ + "}"; }

  private:
    JsonObject& raw(std::string_view name, std::string_view value);

    std::string members_;
};

/// In quotes. Bytes that are not ASCII become "?": nothing that is written here has a right to them.
std::string json_string(std::string_view text);

}  // namespace prh
