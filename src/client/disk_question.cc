// SPDX-License-Identifier: MIT
#include "client/disk_question.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <variant>

#include "client/device_node.h"
#include "scsi/names.h"
#include "wire/protocol.h"

namespace prh::ctl {
namespace {

/// In a row; a disk has one for each thing that happened to it.
constexpr int kAttentions = 8;

bool holds(const std::optional<HeldReservation>& held, ReservationKey key) {
    if (!held) return false;
    const auto type = reservation_type(held->type);
    return (type && is_all_registrants(*type)) || held->key == key;
}

}  // namespace

std::string number_of(FdRef descriptor) {
    struct stat status {};
    if (::fstat(descriptor.get(), &status) != 0) return {};
    if (S_ISREG(status.st_mode))
        return fmt::format("{}:{}:{}", major(status.st_dev), minor(status.st_dev), status.st_ino);
    return fmt::format("{}:{}", major(status.st_rdev), minor(status.st_rdev));
}

Expected<Answer> read_from_disk(HelperConnection& helper, FdRef device, PrInAction action,
                                std::vector<std::string>& attentions) {
    const Cdb cdb = Cdb::persistent_reserve_in(action, kMaximumDataLength);
    for (int again = kAttentions;; --again) {
        Expected<Reply> reply = helper.execute(cdb, device, {});
        if (!reply) return tl::unexpected<Failure>(reply.error());
        const auto code = reply->result.sense.code();
        if (again > 0 && code && code->key == SenseKey::UnitAttention) {
            attentions.push_back(to_string(*code));
            continue;
        }
        if (reply->result.status != ScsiStatus::Good)
            return fail(exit_code_of(reply->result),
                        fmt::format("{}: {}", name(action), to_string(reply->result)));
        const std::optional<Answer> answer = decode_answer(action, reply->data);
        if (!answer)
            return fail(ExitCode::MalformedAnswer,
                        fmt::format("{}: {} bytes are too few", name(action), reply->data.size()));
        return *answer;
    }
}

Expected<std::string> node_of(const DeviceState& device) {
    if (device.kind == "emulated" && device.name.starts_with('/')) return device.name;
    const bool is_word = !device.name.empty() && device.name.find('/') == std::string::npos;
    if (is_word && device.kind == "multipath") return "/dev/mapper/" + device.name;
    if (is_word && (device.kind == "disk" || device.kind == "generic")) return "/dev/" + device.name;
    return fail(ExitCode::FileError, fmt::format("'{}' ({}) is the name of no node that could be asked",
                                                 device.title(), device.kind));
}

Expected<DiskAnswer> ask_disk(const std::string& socket, const std::string& node, const std::string& number,
                              std::chrono::seconds timeout) {
    const Expected<UniqueFd> device = open_device(node, true);
    if (!device) return tl::unexpected<Failure>(device.error());
    if (const std::string found = number_of(device->ref()); found != number)
        return fail(ExitCode::FileError, fmt::format("{} is another device now ({})", node, found));
    Expected<HelperConnection> helper = HelperConnection::open(socket, timeout);
    if (!helper) return tl::unexpected<Failure>(helper.error());
    return ask_disk(*helper, device->ref());
}

Expected<DiskAnswer> ask_disk(HelperConnection& helper, FdRef device) {
    DiskAnswer answer;
    const auto read = [&](PrInAction action) {
        return read_from_disk(helper, device, action, answer.attentions);
    };
    const Expected<Answer> reservation = read(PrInAction::ReadReservation);
    if (!reservation) return tl::unexpected<Failure>(reservation.error());
    answer.held = std::get<ReadReservationData>(*reservation).held;
    if (const Expected<Answer> full = read(PrInAction::ReadFullStatus)) {
        const auto& data = std::get<ReadFullStatusData>(*full);
        answer.generation = data.generation;
        answer.truncated = data.truncated;
        for (const FullStatusDescriptor& one : data.descriptors)
            answer.registrations.push_back(
                {one.key, one.holder, one.transport_id.to_string(),
                 one.all_target_ports ? "all" : std::to_string(one.relative_target_port)});
        return answer;
    } else if (full.error().exit_code != ExitCode::IllegalRequest &&
               full.error().exit_code != ExitCode::InvalidOperationCode) {
        return tl::unexpected<Failure>(full.error());
    }
    const Expected<Answer> keys = read(PrInAction::ReadKeys);
    if (!keys) return tl::unexpected<Failure>(keys.error());
    answer.names_initiators = false;
    answer.generation = std::get<ReadKeysData>(*keys).generation;
    answer.truncated = std::get<ReadKeysData>(*keys).truncated;
    for (const ReservationKey key : std::get<ReadKeysData>(*keys).keys)
        answer.registrations.push_back({key, holds(answer.held, key), {}, {}});
    return answer;
}

}  // namespace prh::ctl
