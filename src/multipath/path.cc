// SPDX-License-Identifier: MIT
#include "multipath/path.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace prh {
namespace {

/// Never for writing: udev would look at the disk anew whenever it is closed, and its commands would take the
/// unit attentions that are the guest's. SG_IO with CAP_SYS_RAWIO does not ask how a node was opened.
UniqueFd open_node(const std::string& path, const std::string& number, Error& error) {
    UniqueFd node(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!node.valid()) {
        error = Error{fmt::format("{}: {}", path, std::strerror(errno)), errno};
        return {};
    }
    struct stat status;
    if (::fstat(node.get(), &status) == 0 && S_ISBLK(status.st_mode) && device_number(node.ref()) == number)
        return node;
    error = Error{fmt::format("{} is another device", path), 0};
    return {};
}

/// Where udev puts it, else where a container may have only numbers.
UniqueFd open_disk(const std::string& directory, std::string name, const std::string& number, Error& error) {
    std::replace(name.begin(), name.end(), '!', '/');  // the kernel's "cciss!c0d0" is /dev/cciss/c0d0
    UniqueFd node = open_node(fmt::format("{}/{}", directory, name), number, error);
    if (node.valid()) return node;
    Error of_number;
    node = open_node(fmt::format("{}/block/{}", directory, number), number, of_number);
    return node;
}

}  // namespace

Result<Path> Path::find(const SysfsMap& map, const std::string& name) {
    const SysfsDisk disk = map.path(name);
    const auto number = disk.number();
    if (!number) return fail("");
    const auto refused = [&](std::string_view why) {
        return fail(fmt::format("{} ({}): {}", name, *number, why));
    };

    Path path;
    path.name_ = name;
    path.number_ = *number;
    path.device_ = parse_device_number(*number).value_or(DeviceNumber{});
    path.state_ = disk.state();
    if (!path.state_.valid()) return refused("it is no SCSI disk");
    if (!disk.is_held_by(map.number())) return fail("");  // it has just been taken out of the map
    const auto identification = disk.identification();
    if (!identification || identification->logical_unit().empty())
        return refused("it does not say which logical unit it is (VPD page 83h)");
    path.identification_ = *identification;
    const auto target_port = identification->relative_target_port();
    const auto initiator_port = target_port ? disk.initiator_port() : std::nullopt;
    if (initiator_port) path.ports_ = PortPair{*initiator_port, *target_port};
    return path;
}

bool Path::is_same_disk() const {
    return is_there(state_.ref()) && (!is_open() || disk_sequence(node_->descriptor.ref()) == disk_sequence_);
}

std::function<void()> Path::opening(const std::string& directory) {
    opening_ = std::make_shared<Opening>();
    node_->busy = true;
    return [directory, name = name_, number = number_, opening = opening_, node = node_] {
        opening->descriptor = open_disk(directory, name, number, opening->error);
        node->busy = false;
    };
}

Status Path::opened() {
    const std::shared_ptr<Opening> opening = std::move(opening_);
    if (!opening->descriptor.valid()) return tl::unexpected<Error>(opening->error);
    node_->descriptor = std::move(opening->descriptor);
    disk_sequence_ = disk_sequence(node_->descriptor.ref());
    return {};
}

}  // namespace prh
