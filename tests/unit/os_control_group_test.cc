// SPDX-License-Identifier: MIT
// Machines, pods and services are called what libvirt, Kubernetes and systemd call them, and by nobody else.
#include <gtest/gtest.h>

#include "os/control_group.h"

namespace prh::test {
namespace {

constexpr char kMachine[] = "machine-qemu\\x2d3\\x2dwin\\x2d2019.scope";

TEST(ControlGroup, OfAMachineOfLibvirtNamesIt) {
    for (const char* const below : {"", "/", "/libvirt", "/libvirt/emulator"})
        EXPECT_EQ(name_of_control_group(std::string("/machine.slice/") + kMachine + below), "VM win-2019");
}

TEST(ControlGroup, BelowAMachineOrContainerDoesNotRenameIt) {
    for (const char* const scope : {"libpod-1234.scope", "machine-a.scope", "systemd-nspawn@a.service"})
        EXPECT_EQ(name_of_control_group(std::string("/machine.slice/") + scope + "/container/" + kMachine),
                  std::string("unit ") + scope);
    EXPECT_EQ(name_of_control_group("/machine.slice/machine-qemu\\x2d1\\x2ddb1.scope/machine.slice/" +
                                    std::string(kMachine)),
              "VM db1");
    EXPECT_EQ(name_of_control_group("/machine.slice/container/" + std::string(kMachine)), "");
    EXPECT_EQ(name_of_control_group("/system.slice/a.service/b.service"), "unit a.service");
}

TEST(ControlGroup, OfAnotherMachineNamesItsUnit) {
    for (const char* const scope :
         {"machine-qemu-1.scope", "machine-qemu-x-db1.scope", "machine-lxc-1-db1.scope"})
        EXPECT_EQ(name_of_control_group(std::string("/machine.slice/") + scope),
                  std::string("unit ") + scope);
}

TEST(ControlGroup, OfAServiceNamesItsUnit) {
    EXPECT_EQ(name_of_control_group("/system.slice/backup.service"), "unit backup.service");
    EXPECT_EQ(name_of_control_group("/system.slice/system-a.slice/a@1.service"), "unit a@1.service");
    EXPECT_EQ(name_of_control_group("session-1.scope"), "unit session-1.scope");
}

TEST(ControlGroup, WithoutAUnitNamesNothing) {
    for (const char* path : {"", "/", "/machine.slice", "/a/b", "//", "/docker/0af1/forged.service"})
        EXPECT_EQ(name_of_control_group(path), "") << path;
}

TEST(ControlGroup, CannotForgeALine) {
    EXPECT_EQ(name_of_control_group("/machine.slice/machine-qemu\\x2d1\\x2da\\x0ab\\x1b[2J\\xzz.scope"),
              "VM a?b?[2J\\xzz");
    EXPECT_LE(name_of_control_group("/" + std::string(5000, 'x') + ".service").size(), 85U);
}

TEST(ControlGroup, OfAUserDoesNotPassForAMachine) {
    EXPECT_EQ(name_of_control_group("/user.slice/user-7.slice/machine-qemu\\x2d1\\x2ddb1.scope"),
              "unit machine-qemu-1-db1.scope");
    EXPECT_EQ(
        name_of_control_group("/user.slice/user-7.slice/user@7.service/app.slice/" + std::string(kMachine)),
        "unit user@7.service");
}

constexpr char kPod[] = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
constexpr char kPodOfSystemd[] = "6ba7b810_9dad_11d1_80b4_00c04fd430c8";
const std::string kContainer = "0af1b2c3d4e5" + std::string(52, '7');

/// The paths that the kubelet makes (pkg/kubelet/cm/cgroup_manager_linux.go), with the runtimes' names below.
TEST(ControlGroup, OfAPodIsNamedWithTheSystemdDriver) {
    const std::string uid = kPodOfSystemd;
    for (const std::string& scope :
         {"cri-containerd-" + kContainer + ".scope", "crio-" + kContainer + ".scope",
          "docker-" + kContainer + ".scope", "crio-" + kContainer + ".scope/machine.slice/a.service"}) {
        for (const std::string& pod :
             {"/kubepods.slice/kubepods-pod" + uid + ".slice/",
              "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + uid + ".slice/",
              "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" + uid + ".slice/",
              "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/"
              "kubelet-kubepods-burstable-pod" +
                  uid + ".slice/"})
            EXPECT_EQ(name_of_control_group(pod + scope),
                      "pod " + std::string(kPod) + " container 0af1b2c3d4e5")
                << pod << scope;
    }
}

TEST(ControlGroup, OfAPodIsNamedWithTheCgroupfsDriver) {
    for (const std::string& above :
         {std::string("/kubepods/"), std::string("/kubepods/burstable/"),
          std::string("/kubepods/besteffort/"), std::string("/kubelet/kubepods/burstable/")})
        for (const std::string& container : {kContainer, "crio-" + kContainer, kContainer + "/a.service"})
            EXPECT_EQ(name_of_control_group(above + "pod" + kPod + "/" + container),
                      "pod " + std::string(kPod) + " container 0af1b2c3d4e5")
                << above << container;
}

TEST(ControlGroup, OfAStaticPodIsNamedByItsHash) {
    const std::string hash(32, 'a');
    EXPECT_EQ(name_of_control_group("/kubepods/burstable/pod" + hash), "pod " + hash);
    EXPECT_EQ(name_of_control_group("/kubepods.slice/kubepods-pod" + hash + ".slice/what.scope"),
              "pod " + hash);
}

TEST(ControlGroup, ThatOnlyLooksLikeAPodsNamesNone) {
    const std::string pod = std::string("pod") + kPod + "/" + kContainer;
    for (const std::string& path :
         {"/kubepods/pod-a/" + kContainer, "/kubepods/a/" + pod, "/docker/kubepods/" + pod,
          "/kubepods/burstable/burstable/" + pod, "/kubepods/pod" + std::string(kPod) + "0/" + kContainer,
          "/kubepods/podg" + std::string(kPod).substr(1), std::string("/kubepods/pod")})
        EXPECT_EQ(name_of_control_group(path), "") << path;
    EXPECT_EQ(name_of_control_group("/user.slice/kubepods.slice/kubepods-pod" + std::string(kPodOfSystemd) +
                                    ".slice/a.scope"),
              "unit a.scope");
}

}  // namespace
}  // namespace prh::test
