// SPDX-License-Identifier: MIT
#include "observe/json_object.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace prh {

std::string json_string(std::string_view text) {
    std::string quoted = "\"";
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        if (letter == '"' || letter == '\\')
            quoted += {'\\', letter};
        else if (byte < 0x20)
            quoted += fmt::format("\\u{:04x}", byte);
        else
            quoted += byte < 0x7F ? letter : '?';
    }
    return quoted + '"';
}

JsonObject& JsonObject::raw(std::string_view name, std::string_view value) {
    if (!members_.empty()) members_ += ',';
    members_ += json_string(name);
    members_ += ':';
    members_ += value;
    return *this;
}

JsonObject& JsonObject::add(std::string_view name, std::string_view text) {
    return raw(name, json_string(text));
}

JsonObject& JsonObject::add(std::string_view name, std::int64_t number) {
    return raw(name, std::to_string(number));
}

JsonObject& JsonObject::add(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }

JsonObject& JsonObject::add(std::string_view name, const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts) list += (list.empty() ? "" : ",") + json_string(text);
    return raw(name, "[" + list + "]");
}

JsonObject& JsonObject::add(std::string_view name, const std::vector<std::uint64_t>& numbers) {
    return raw(name, fmt::format("[{}]", fmt::join(numbers, ",")));
}

JsonObject& JsonObject::add(std::string_view name, const std::vector<JsonObject>& objects) {
    std::string list;
    for (const JsonObject& object : objects) list += (list.empty() ? "" : ",") + object.text();
    return raw(name, "[" + list + "]");
}

JsonObject& JsonObject::add(std::string_view name, const JsonObject& object) {
    return raw(name, object.text());
}

}  // namespace prh
