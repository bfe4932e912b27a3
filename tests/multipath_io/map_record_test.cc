// SPDX-License-Identifier: MIT
// The record of a map as text: what is written is read back, and anything that was not written like this is
// refused as a whole.
#include "multipath/map_record.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace prh::test {
namespace {

TransportId sas(std::uint64_t address) { return TransportId::sas(address); }

MapRecord sample() {
    MapRecord record;
    record.key = {0x123ABC};
    record.aptpl = true;
    record.holding = true;
    record.own = {{sas(0x5001405000000001), 1},
                  {TransportId::iscsi("iqn.2026-01.test:host", 0x23D000001), 2}};
    std::sort(record.own.begin(), record.own.end());
    record.missed = {"65:16", "8:16"};
    record.swap = KeySwap{{0x123ABC}, {{"8:0", {0x5052222222222222}}}};
    return record;
}

const std::string kSample =
    "version 1\n"
    "key 0x0000000000123abc\n"
    "aptpl 1\n"
    "all_tg_pt 0\n"
    "holding 1\n"
    "trying 0x0000000000000000\n"
    "leaving 0\n"
    "own 1 sas,5001405000000001\n"
    "own 2 iqn.2026-01.test:host,i,0x00023d000001\n"
    "missed 65:16\n"
    "missed 8:16\n"
    "swap 0x0000000000123abc\n"
    "swapped 8:0 0x5052222222222222\n"
    "end\n";

std::string with(const std::string& line, const std::string& instead) {
    std::string text = kSample;
    const std::size_t at = text.find(line);
    EXPECT_NE(at, std::string::npos) << line;
    return text.replace(at, line.size(), instead);
}

rc::Gen<TransportId> any_transport_id() {
    const auto letters = rc::gen::element('a', 'z', '0', '.', ':', ' ', '\n', '\x7F', '\xC3');
    const auto name = rc::gen::map(rc::gen::container<std::string>(letters),
                                   [](const std::string& text) { return "iqn." + text.substr(0, 219); });
    const auto raw =
        rc::gen::map(rc::gen::container<std::vector<std::uint8_t>>(23, rc::gen::arbitrary<std::uint8_t>()),
                     [](std::vector<std::uint8_t> bytes) {
                         bytes.insert(bytes.begin(), std::uint8_t{0x06});
                         return *TransportId::parse(bytes);
                     });
    return rc::gen::oneOf(
        rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), sas),
        rc::gen::map(name, [](const std::string& text) { return TransportId::iscsi(text, 7); }), raw);
}

rc::Gen<std::string> any_path() {
    return rc::gen::map(
        rc::gen::pair(rc::gen::inRange(0, 300), rc::gen::inRange(0, 300)),
        [](const auto& pair) { return std::to_string(pair.first) + ":" + std::to_string(pair.second); });
}

rc::Gen<MapRecord> any_record() {
    return rc::gen::exec([] {
        MapRecord record;
        record.key = {*rc::gen::arbitrary<std::uint64_t>()};
        record.aptpl = *rc::gen::arbitrary<bool>();
        record.all_tg_pt = *rc::gen::arbitrary<bool>();
        record.holding = *rc::gen::arbitrary<bool>();
        std::set<PortPair> own;
        for (const TransportId& id : *rc::gen::container<std::vector<TransportId>>(any_transport_id()))
            own.insert({id, *rc::gen::arbitrary<std::uint16_t>()});
        record.own.assign(own.begin(), own.end());
        const auto missed = *rc::gen::container<std::set<std::string>>(any_path());
        record.missed.assign(missed.begin(), missed.end());
        if (*rc::gen::arbitrary<bool>()) {
            KeySwap swap{{*rc::gen::arbitrary<std::uint64_t>()}, {}};
            for (const std::string& path : *rc::gen::container<std::set<std::string>>(any_path()))
                swap.swapped.push_back({path, {*rc::gen::arbitrary<std::uint64_t>()}});
            record.swap = swap;
        }
        return record;
    });
}

TEST(MapRecord, HasTheDocumentedText) {
    EXPECT_EQ(sample().to_text(), kSample);
    EXPECT_EQ(MapRecord::parse(kSample), sample());
}

TEST(MapRecord, OfNothingIsReadBackToo) { EXPECT_EQ(MapRecord::parse(MapRecord{}.to_text()), MapRecord{}); }

RC_GTEST_PROP(MapRecord, IsReadBackAsItWasWritten, ()) {
    const MapRecord record = *any_record();
    RC_ASSERT(MapRecord::parse(record.to_text()) == record);
}

RC_GTEST_PROP(MapRecord, CutAnywhereIsRefused, ()) {
    const std::string text = (*any_record()).to_text();
    RC_ASSERT(!MapRecord::parse(text.substr(0, *rc::gen::inRange<std::size_t>(0, text.size()))));
}

RC_GTEST_PROP(MapRecord, WithBytesOfAnybodysMakingDoesNoHarm, ()) {
    std::string text = (*any_record()).to_text();
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    text[at] = *rc::gen::arbitrary<char>();
    const auto record = MapRecord::parse(text);
    if (record) RC_ASSERT(record->to_text() == text);
}

TEST(MapRecord, IsRefusedIfAnythingInItIsWrong) {
    EXPECT_FALSE(MapRecord::parse(""));
    EXPECT_FALSE(MapRecord::parse("\n"));
    EXPECT_FALSE(MapRecord::parse(kSample + "end\n")) << "something follows";
    EXPECT_FALSE(MapRecord::parse(kSample + '\0'));
    EXPECT_FALSE(MapRecord::parse(kSample + kSample));
    for (const auto& [line, instead] : std::vector<std::pair<std::string, std::string>>{
             {"version 1\n", "version 2\n"},
             {"version 1\n", ""},
             {"key 0x0000000000123abc\n", "key 0x123abc\n"},
             {"key 0x0000000000123abc\n", "key 0x0000000000123ABC\n"},
             {"key 0x0000000000123abc\n", "key 0x0000000000123abc0\n"},
             {"key 0x0000000000123abc\n", "key\n"},
             {"aptpl 1\n", "aptpl 2\n"},
             {"aptpl 1\n", "aptpl 1\naptpl 1\n"},
             {"aptpl 1\n", "aptpl 1 \n"},
             {"aptpl 1\n", "  aptpl 1\n"},
             {"holding 1\n", ""},
             {"holding 1\n", "holding 1\nunknown 1\n"},
             {"own 1 sas,", "own 65536 sas,"},
             {"own 1 sas,", "own 01 sas,"},
             {"own 1 sas,5001405000000001\n", "own 1 none\n"},
             {"own 1 sas,5001405000000001\n", "own 1 sas,5001405000000001\nown 1 sas,5001405000000001\n"},
             {"missed 8:16\n", "missed 8:16\nmissed 8:16\n"},
             {"missed 65:16\nmissed 8:16\n", "missed 8:16\nmissed 65:16\n"},
             {"missed 8:16\n", "missed sda\n"},
             {"missed 8:16\n", "missed ../x\n"},
             {"trying 0x0000000000000000\n", ""},
             {"leaving 0\n", "leaving 2\n"},
             {"swap 0x0000000000123abc\n", ""},
             {"swapped 8:0 0x5052222222222222\n",
              "swapped 8:0 0x5052222222222222\nswapped 8:0 0x5052222222222222\n"},
             {"end\n", "end"},
         })
        EXPECT_FALSE(MapRecord::parse(with(line, instead))) << line << " -> " << instead;
}

TEST(MapRecord, LongerThanAnyIsRefused) {
    std::string text = kSample;
    text.insert(text.find("missed"), std::string(2U << 20, 'x'));
    EXPECT_FALSE(MapRecord::parse(text));
}

}  // namespace
}  // namespace prh::test
