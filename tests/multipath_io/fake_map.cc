// SPDX-License-Identifier: MIT
#include "multipath_io/fake_map.h"

#include <fcntl.h>

#include <filesystem>

#include "support/descriptor.h"

namespace prh::test {
namespace {

namespace fs = std::filesystem;

/// In place, as the kernel changes an attribute: whoever has it open sees it.
void put(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(path).parent_path());
    const Descriptor file(path, O_RDWR | O_CREAT | O_TRUNC);
    [[maybe_unused]] const ssize_t count = ::write(file.get(), text.data(), text.size());
}

}  // namespace

FakeMap::FakeMap(std::string number, std::string wwid) : number_(std::move(number)), wwid_(std::move(wwid)) {
    fs::create_directories(of_map() + "/slaves");
    fs::create_directories(dev());
    fs::create_directories(sysfs() + "/block");
    fs::create_directory_symlink(of_map(), sysfs() + "/block/" + map().kernel_name());
    put(of_map() + "/dev", number_ + "\n");
    put(of_map() + "/size", "2048\n");
    set_uuid("mpath-" + wwid_);
    set_alias("mpatha");
}

void FakeMap::add(const std::string& name, const std::string& number, const Page& page,
                  const std::string& host) {
    const std::string device = sysfs() + "/devices/pci0/" + host + "/target7:0:0/" + name + "-device";
    const std::string block = device + "/block/" + name;
    put(block + "/dev", number + "\n");
    put(block + "/diskseq", "9\n");
    put(device + "/state", "running\n");
    put(device + "/vpd_pg83", std::string(page.begin(), page.end()));
    fs::create_directory_symlink(device, block + "/device");
    fs::create_directories(block + "/holders");
    fs::create_directory_symlink(of_map(), block + "/holders/dm-3");
    fs::create_directory_symlink(block, of_map() + "/slaves/" + name);
}

void FakeMap::node(const std::string& name, const std::string& target) {
    fs::remove(dev() + "/" + name);
    fs::create_symlink(target, dev() + "/" + name);
}

void FakeMap::remove(const std::string& name) {
    put(of(name) + "/device/state", "");  // as reading fails once the disk is gone
    const std::string device = fs::canonical(of(name) + "/device");
    fs::remove(of_map() + "/slaves/" + name);
    fs::remove_all(device);
}

void FakeMap::let_go(const std::string& name) { fs::remove(of(name) + "/holders/dm-3"); }

void FakeMap::set_state(const std::string& name, const std::string& state) {
    put(of(name) + "/device/state", state + "\n");
}
void FakeMap::set_uuid(const std::string& uuid) { put(of_map() + "/dm/uuid", uuid + "\n"); }
void FakeMap::set_alias(const std::string& alias) { put(of_map() + "/dm/name", alias + "\n"); }
void FakeMap::write(const std::string& path, const std::string& text) { put(sysfs() + "/" + path, text); }

std::string FakeMap::of(const std::string& name) const { return fs::canonical(of_map() + "/slaves/" + name); }

}  // namespace prh::test
