// SPDX-License-Identifier: MIT
// What is read of a disk and of its map, and the ports that are only told where they are certain.
#include <gtest/gtest.h>

#include "multipath_io/fake_map.h"

namespace prh::test {
namespace {

std::string port_of(const FakeMap& map, const std::string& name = "sda") {
    const auto port = map.map().path(name).initiator_port();
    return port ? port->to_string() : "unknown";
}

const Page kPage = identification_page(FakeMap::kNaa, 9);

TEST(SysfsMap, IsNamedByItsAliasWhereItHasOne) {
    FakeMap map;
    EXPECT_EQ(map.map().kernel_name(), "dm-3");
    EXPECT_EQ(map.map().uuid(), "mpath-36001405aabbccdd0");
    EXPECT_EQ(map.map().title(), "dm-3 (mpatha)");
    map.set_alias("");
    EXPECT_EQ(map.map().title(), "dm-3");
}

TEST(SysfsMap, ListsItsPaths) {
    FakeMap map;
    EXPECT_TRUE(map.map().path_names().value().empty());
    map.add("sdb", "8:16");
    map.add("sda", "8:0");
    EXPECT_EQ(map.map().path_names().value(), (std::vector<std::string>{"sda", "sdb"}));
    EXPECT_EQ(map.map().path("sdb").number().value(), "8:16");
    EXPECT_TRUE(SysfsMap(map.sysfs(), "254:4").path_names().value().empty());
}

TEST(SysfsDisk, TellsItsIdentityAndItsHolder) {
    FakeMap map;
    map.add("sda", "8:0", kPage);
    const SysfsDisk disk = map.map().path("sda");
    EXPECT_TRUE(disk.is_held_by("254:3").value());
    EXPECT_FALSE(disk.is_held_by("254:30").value());
    EXPECT_EQ(disk.identification().value().relative_target_port(), 9);
    map.let_go("sda");
    EXPECT_FALSE(disk.is_held_by("254:3").value());
}

TEST(SysfsDisk, RunsOnlyWhenTheKernelSaysSo) {
    FakeMap map;
    map.add("sda", "8:0");
    const UniqueFd state = map.map().path("sda").state();
    EXPECT_TRUE(is_running(state.ref()));
    for (const char* word :
         {"blocked", "offline", "transport-offline", "quiesce", "running-late", "created"}) {
        map.set_state("sda", word);
        EXPECT_FALSE(is_running(state.ref())) << word;
        EXPECT_TRUE(is_there(state.ref())) << word;
    }
    map.remove("sda");
    EXPECT_FALSE(is_there(state.ref()));
    EXPECT_FALSE(is_running(state.ref()));
}

TEST(InitiatorPort, OfATransportThatIsNotShownIsUnknown) {
    FakeMap map;
    map.add("sda", "8:0");
    EXPECT_EQ(port_of(map), "unknown");
    map.write("class/fc_host/host70/port_name", "0x2100001122334455\n");
    EXPECT_EQ(port_of(map), "unknown") << "another host's";
}

TEST(InitiatorPort, OfFibreChannelIsThePortName) {
    FakeMap map;
    map.add("sda", "8:0", kPage, "host7/rport-7:0-0");
    map.write("class/fc_host/host7/port_name", "0x2100001122334455\n");
    EXPECT_EQ(port_of(map), "fcp,2100001122334455");
    for (const char* nothing : {"0x0\n", "0xffffffffffffffff\n", "\n", "none\n"}) {
        map.write("class/fc_host/host7/port_name", nothing);
        EXPECT_EQ(port_of(map), "unknown") << nothing;
    }
}

TEST(InitiatorPort, OfSasIsTheAddressOfTheHostsPhys) {
    FakeMap map;
    map.add("sda", "8:0", kPage, "host7/port-7:0/end_device-7:0");
    EXPECT_EQ(port_of(map), "unknown");
    const auto phy = [&](const std::string& name, const std::string& address) {
        map.write("devices/pci0/host7/port-7:0/" + name + "/x", "");
        map.write("class/sas_phy/" + name + "/sas_address", address + "\n");
    };
    phy("phy-7:0", "0x5001405000000001");
    EXPECT_EQ(port_of(map), "sas,5001405000000001");
    phy("phy-7:1", "0x5001405000000001");
    EXPECT_EQ(port_of(map), "sas,5001405000000001");
    phy("phy-7:2", "0x5001405000000002");
    EXPECT_EQ(port_of(map), "unknown") << "two addresses in one port";
}

TEST(InitiatorPort, OfSasBehindAnExpanderIsTheHostsPort) {
    FakeMap map;
    map.add("sda", "8:0", kPage, "host7/port-7:0/expander-7:0/port-7:0:1/end_device-7:0:1");
    map.write("devices/pci0/host7/port-7:0/phy-7:0/x", "");
    map.write("devices/pci0/host7/port-7:0/expander-7:0/port-7:0:1/phy-7:0:4/x", "");
    map.write("class/sas_phy/phy-7:0/sas_address", "0x5001405000000001\n");
    map.write("class/sas_phy/phy-7:0:4/sas_address", "0x5001405000000009\n");
    EXPECT_EQ(port_of(map), "sas,5001405000000001");
}

TEST(InitiatorPort, OfIscsiNeedsNameAndIsid) {
    FakeMap map;
    map.add("sda", "8:0", kPage, "host7/session2");
    const std::string session = "class/iscsi_session/session2/";
    map.write(session + "initiatorname", "iqn.2026-01.test:host\n");
    EXPECT_EQ(port_of(map), "unknown") << "the name alone stands for every session of the host";
    map.write(session + "isid", "00023d000002\n");
    EXPECT_EQ(port_of(map), "iqn.2026-01.test:host,i,0x00023d000002");
    for (const char* wrong : {"\n", "23d000002\n", "00023d00000g\n", "<NULL>\n"}) {
        map.write(session + "isid", wrong);
        EXPECT_EQ(port_of(map), "unknown") << wrong;
    }
    map.write(session + "isid", "00023d000002\n");
    for (const char* wrong : {"\n", "<NULL>\n", "sas,5001405000000001\n", "iqn.a,i,0x1\n"}) {
        map.write(session + "initiatorname", wrong);
        EXPECT_EQ(port_of(map), "unknown") << wrong;
    }
}

}  // namespace
}  // namespace prh::test
