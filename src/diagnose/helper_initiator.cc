// SPDX-License-Identifier: MIT
#include "diagnose/helper_initiator.h"

#include <fmt/format.h>

#include <thread>

#include "client/device_node.h"
#include "client/sent_command.h"
#include "device/disk_identity.h"
#include "multipath/multipathd_protocol.h"
#include "multipath/multipathd_socket.h"
#include "wire/protocol.h"

namespace prh::ctl {
namespace {

using namespace std::chrono_literals;

/// BUSY is no verdict: both a helper and an array say so of a moment.
constexpr int kBusyAttempts = 10;
constexpr auto kBusyPause = 100ms;

/// A service manager takes a moment to start a helper anew.
constexpr int kReconnectAttempts = 25;
constexpr auto kReconnectPause = 200ms;

bool is_busy(const Expected<Reply>& reply) {
    return reply &&
           (reply->result.status == ScsiStatus::Busy || reply->result.status == ScsiStatus::TaskSetFull);
}

}  // namespace

Expected<std::unique_ptr<HelperInitiator>> HelperInitiator::open(const std::string& device,
                                                                 const std::string& socket,
                                                                 const CommonOptions& common) {
    Expected<UniqueFd> node = open_device(device, false);
    if (!node) return tl::unexpected<Failure>(node.error());
    Expected<HelperConnection> helper = HelperConnection::open(socket, common.timeout);
    if (!helper) return tl::unexpected<Failure>(helper.error());
    std::unique_ptr<HelperInitiator> initiator(new HelperInitiator(device, socket, common, *std::move(node)));
    initiator->helper_ = *std::move(helper);
    return initiator;
}

Expected<Reply> HelperInitiator::execute(const Cdb& cdb, ConstBytes parameter_list) {
    Expected<Reply> reply = send(cdb, node_.ref(), parameter_list);
    for (int attempt = 1; is_busy(reply) && attempt < kBusyAttempts; ++attempt) {
        std::this_thread::sleep_for(kBusyPause);
        reply = send(cdb, node_.ref(), parameter_list);
    }
    return reply;
}

Expected<Reply> HelperInitiator::send(const Cdb& cdb, FdRef node, ConstBytes parameter_list) {
    if (!helper_)
        return fail(ExitCode::Other, fmt::format("there is no connection to the helper at {}", socket_));
    if (verbose_) print_sent(cdb, parameter_list);
    Expected<Reply> reply = helper_->execute(cdb, node, parameter_list);
    if (!reply) helper_.reset();
    return reply;
}

bool HelperInitiator::reconnect() {
    for (int attempt = 1; !helper_ && attempt <= kReconnectAttempts; ++attempt) {
        if (attempt > 1) std::this_thread::sleep_for(kReconnectPause);
        Expected<HelperConnection> helper = HelperConnection::open(socket_, timeout_);
        if (helper) {
            helper_ = *std::move(helper);
        } else if (helper.error().exit_code == ExitCode::TimedOut) {
            return false;  // it hangs, and has had its time
        }
    }
    return helper_.has_value();
}

DeviceIdentity HelperInitiator::identity() { return identify_disk(node_.ref(), classifier_); }

WayFacts HelperInitiator::way() {
    const DeviceIdentity identity = this->identity();
    WayFacts facts;
    facts.multipath = identity.kind == DeviceKind::Multipath;
    const DescriptorKind kind = classifier_.classify(node_.ref());
    facts.whole = kind != DescriptorKind::Partition && kind != DescriptorKind::PartialMap;
    for (const DevicePath& path : paths_of_disk(identity, classifier_.sysfs()))
        facts.paths.push_back(path.name);
    return facts;
}

WayFacts HelperInitiator::probed_way() {
    WayFacts facts = way();
    for (const std::string& path : facts.paths) {
        const Expected<UniqueFd> node = open_device("/dev/" + path, true);
        if (!node) continue;  // which says nothing of the path
        const Expected<Reply> reply =
            send(Cdb::persistent_reserve_in(PrInAction::ReadKeys, kMaximumDataLength), node->ref(), {});
        if (!reply) break;
        const std::optional<SenseCode> code = reply->result.sense.code();
        // What the helper could not send tells of the helper.
        if (reply->result.status == ScsiStatus::CheckCondition && code &&
            code != sense::kIoProcessTerminated &&
            (code->key == SenseKey::AbortedCommand || code->key == SenseKey::HardwareError ||
             code->key == SenseKey::NotReady))
            facts.failed.push_back(path);
    }
    return facts;
}

MultipathdAnswerSeen HelperInitiator::ask_multipathd() {
    MultipathdSocket multipathd{MultipathdSocket::Settings{}};
    const auto reply = multipathd.ask("getprkey map " + kernel_name(node_.ref(), classifier_));
    if (!reply) return {false, reply.error().text, std::nullopt, false};
    const MultipathdKey key = multipathd_key(*reply);
    switch (key.answer) {
        case MultipathdAnswer::Ok:
            return {true, {}, key.key ? std::optional(key.key->value) : std::nullopt, false};
        case MultipathdAnswer::PermissionDenied: return {false, "it answers root alone", std::nullopt, true};
        case MultipathdAnswer::Busy: return {false, "it is busy", std::nullopt, false};
        case MultipathdAnswer::Refused:
        case MultipathdAnswer::NotUnderstood: break;
    }
    return {true, {}, std::nullopt, false};  // it does not know the map, or keys at all
}

}  // namespace prh::ctl
