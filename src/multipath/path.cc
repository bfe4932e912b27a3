// SPDX-License-Identifier: MIT
#include "multipath/path.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "device/disk_node.h"

namespace prh {
namespace {

/// It is this process that cannot, here: a private /dev, a device control group, a user of its own.
bool is_out_of_reach(int code) { return code == ENOENT || code == EPERM || code == EACCES; }

Result<UniqueFd> open_by_broker(const Path::Broker& broker, const std::string& name,
                                const std::string& number, Error error) {
    Result<UniqueFd> opened = broker.open(broker.map->ref(), name, number);
    if (opened && is_block_device(opened->ref(), number)) return opened;
    if (opened) opened = fail("the path broker has opened another device");
    error.message += "; " + opened.error().message;
    if (opened.error().code != 0) error.code = opened.error().code;  // the disk's own refusal
    return tl::unexpected<Error>(std::move(error));
}

}  // namespace

Result<Path> Path::find(const SysfsMap& map, const std::string& name) {
    const SysfsDisk disk = map.path(name);
    const auto read = disk.number();
    if (!read)
        return tl::unexpected<Error>(Error{
            fmt::format("{}: sysfs cannot be read: {}", name, read.error().message), read.error().code});
    const auto& number = *read;
    if (!number) return fail("");
    const auto refused = [&](std::string_view why, int code = 0) {
        return tl::unexpected<Error>(Error{fmt::format("{} ({}): {}", name, *number, why), code});
    };
    const auto unreadable = [&](int code) {
        return refused(fmt::format("sysfs cannot be read: {}", std::strerror(code)), code);
    };

    Path path;
    path.name_ = name;
    path.number_ = *number;
    path.device_ = parse_device_number(*number).value_or(DeviceNumber{});
    path.state_ = disk.state();
    const int no_state = errno;
    if (const auto reason = disk.unservable()) return refused(*reason);
    if (!path.state_.valid()) return unreadable(no_state);
    path.has_sequence_ = disk.has_sequence();
    const auto is_held = disk.is_held_by(map.number());
    if (!is_held) return unreadable(is_held.error().code);
    if (!*is_held) return fail("");  // it has just been taken out of the map
    const auto identification = disk.identification();
    if (!identification || identification->logical_unit().empty()) return unreadable(EIO);
    path.identification_ = *identification;
    const auto target_port = identification->relative_target_port();
    const auto initiator_port = target_port ? disk.initiator_port() : std::nullopt;
    if (initiator_port) path.ports_ = PortPair{*initiator_port, *target_port};
    return path;
}

bool Path::is_same_disk() const {
    return is_there(state_.ref()) && (!is_open() || sequence() == disk_sequence_);
}

std::optional<std::uint64_t> Path::sequence() const {
    return has_sequence_ ? disk_sequence(node_->descriptor.ref()) : std::nullopt;
}

std::function<void()> Path::opening(const std::string& directory, Broker broker) {
    // What an opening that nobody waited for any more has brought is closed there too.
    const auto before = std::exchange(opening_, std::make_shared<Opening>());
    node_->busy = true;
    return [directory, broker = std::move(broker), name = name_, number = number_, before, opening = opening_,
            node = node_] {
        if (before) before->descriptor.reset();
        Result<UniqueFd> opened = open_disk_node(directory, name, number);
        if (!opened && broker.open && is_out_of_reach(opened.error().code)) {
            opening->asks_broker = true;
            opened = open_by_broker(broker, name, number, opened.error());
        }
        if (opened)
            opening->descriptor = *std::move(opened);
        else
            opening->error = std::move(opened).error();
        node->busy = false;
    };
}

std::function<void()> Path::closing(const std::function<void(UniqueFd)>& close) {
    return [close, opening = std::move(opening_), node = node_] {
        if (node->busy.exchange(true)) return;  // the thread that is stuck with it closes it
        if (node->descriptor.valid()) close(std::move(node->descriptor));
        if (opening && opening->descriptor.valid()) close(std::move(opening->descriptor));
    };
}

Status Path::opened() {
    const std::shared_ptr<Opening> opening = std::move(opening_);
    if (!opening->descriptor.valid()) return tl::unexpected<Error>(opening->error);
    node_->descriptor = std::move(opening->descriptor);
    disk_sequence_ = sequence();
    return {};
}

}  // namespace prh
