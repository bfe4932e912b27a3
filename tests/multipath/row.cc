// SPDX-License-Identifier: MIT
#include "multipath/row.h"

#include <algorithm>

namespace prh::multipath {

void Row::gives(const std::string& answer, const GuestCommand& command) {
    SCOPED_TRACE(command.to_string());
    EXPECT_EQ(world.guest(command), answer);
    EXPECT_EQ(world.expected(), answer) << "the table is wrong";
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.left_attentions(), "");
    EXPECT_EQ(world.writer.complaints(), "");
    const auto record = world.store.read();
    EXPECT_FALSE(record && record->swap);
}

void Row::other(const GuestCommand& command, unsigned host) {
    SCOPED_TRACE(command.to_string());
    EXPECT_EQ(world.other(command, host), "GOOD");
}

void Row::other_is_told(const std::string& attention, unsigned host) {
    EXPECT_EQ(world.lun.pending(World::other_nexus(host)), attention);
    for (int i = 0; i < 3; ++i) world.other({}, host);
}

void Row::state(std::uint64_t key, const std::vector<std::uint64_t>& others, const std::string& held) {
    const auto& registrations = world.lun.unit().registrations();
    std::vector<std::uint64_t> expected = others;
    for (std::size_t i = 0; i < world.paths.size(); ++i)
        if (world.paths.online(i) && key != 0) expected.push_back(key);
    std::vector<std::uint64_t> seen;
    for (const Registration& one : registrations.list()) {
        bool of_dead_path = false;
        for (std::size_t i = 0; i < world.paths.size(); ++i)
            of_dead_path |= !world.paths.online(i) && world.paths.nexus(i) == one.nexus;
        if (!of_dead_path) seen.push_back(one.key.value);
    }
    std::sort(expected.begin(), expected.end());
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(seen, expected);
    EXPECT_EQ(world.held(), held);
}

}  // namespace prh::multipath
