// SPDX-License-Identifier: MIT
#include "scsi/wwid.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace prh {
namespace {

std::string small(std::string_view text) {
    std::string letters(text);
    for (char& letter : letters)
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    return letters;
}

/// `prefix` and a number of as many hexadecimal digits as designators of this kind have.
std::string number_name(std::string_view prefix, std::string_view digits) {
    const std::string number = small(digits);
    const std::size_t size = number.size();
    if (!(size == 16 || size == 32 || (size == 24 && prefix == "eui."))) return {};
    if (number.find_first_not_of("0123456789abcdef") != number.npos) return {};
    return std::string(prefix) + number;
}

/// T10 vendor ID based: blanks pad its parts, and every program has its own way with them.
std::string vendor_name(std::string_view text) {
    std::string name;
    for (const char letter : text) {
        const bool blank = letter == ' ' || letter == '_' || letter == '\0';
        if (!blank && (letter < 0x21 || letter > 0x7E)) return {};
        if (!blank)
            name += letter;
        else if (!name.empty() && name.back() != '_')
            name += '_';
    }
    while (name.ends_with('_')) name.pop_back();
    return name.empty() ? name : "t10." + name;
}

std::string name_of(const Designator& designator) {
    std::string text(designator.bytes.begin(), designator.bytes.end());
    if (designator.type == DesignatorType::T10VendorId) return vendor_name(text);
    if (designator.type == DesignatorType::ScsiName) {
        text.erase(std::find(text.begin(), text.end(), '\0'), text.end());
        return canonical_wwid(text);
    }
    return number_name(designator.type == DesignatorType::Naa ? "naa." : "eui.",
                       hexadecimal(designator.bytes));
}

}  // namespace

std::string canonical_wwid(std::string_view text) {
    for (const std::string_view prefix : {"naa.", "eui."})
        if (small(text.substr(0, 4)) == prefix) return number_name(prefix, text.substr(4));
    if (text.starts_with("0x")) return number_name("naa.", text.substr(2));
    if (text.starts_with("t10.")) return vendor_name(text.substr(4));
    if (text.starts_with("iqn."))
        return std::all_of(text.begin(), text.end(),
                           [](char letter) { return letter > ' ' && letter < 0x7F; })
                   ? std::string(text)
                   : "";
    if (text.starts_with('3')) return number_name("naa.", text.substr(1));
    if (text.starts_with('2')) return number_name("eui.", text.substr(1));
    if (text.starts_with('1')) return vendor_name(text.substr(1));
    return {};
}

std::vector<std::string> canonical_wwids(const DeviceIdentification& identification) {
    std::vector<std::string> names;
    for (const Designator& designator : identification.logical_unit())
        if (std::string name = name_of(designator); !name.empty()) names.push_back(std::move(name));
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

std::vector<std::string> telling_wwids(const std::vector<std::string>& names) {
    std::vector<std::string> telling;
    std::copy_if(names.begin(), names.end(), std::back_inserter(telling), [](const std::string& name) {
        return name.starts_with("naa.") || name.starts_with("eui.");
    });
    return telling.empty() ? names : telling;
}

}  // namespace prh
