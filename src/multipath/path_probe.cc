// SPDX-License-Identifier: MIT
#include "multipath/path_probe.h"

#include <array>
#include <cerrno>
#include <utility>

#include "device/disk_node.h"

namespace prh {
namespace {

constexpr std::chrono::seconds kLong{1};

Cdb inquiry() {
    constexpr std::uint8_t kInquiry = 0x12;  // SPC-4 6.6; its allocation length is zero: no data
    return Cdb(std::array<std::uint8_t, Cdb::kSize>{kInquiry});
}

PathProbe::Answer answer_of_error(int code) {
    switch (code) {
        case EMFILE:
        case ENFILE:
        case ENOMEM: return PathProbe::Answer::Shortage;
        case 0:  // it is another device
        case ENOENT:
        case EACCES:
        case EPERM: return PathProbe::Answer::NoNode;
        default: return PathProbe::Answer::Dead;
    }
}

}  // namespace

std::function<void()> PathProbe::job(const std::shared_ptr<PathProbe>& probe,
                                     const PathSetSettings& settings) {
    return [probe, settings] {
        const auto begun = std::chrono::steady_clock::now();
        Result<UniqueFd> node = open_disk_node(settings.dev, probe->name_, probe->number_);
        if (!node) {
            probe->answer_ = answer_of_error(node.error().code);
            return;
        }
        const SgOutcome outcome = settings.send(node->ref(), {inquiry(), {}, {}}, settings.timeout);
        const Answer answer = outcome.delivery == SgDelivery::Answered ? Answer::Alive : Answer::Dead;
        settings.close(*std::move(node));
        probe->took_long_ = std::chrono::steady_clock::now() - begun > kLong;
        probe->answer_ = answer;
    };
}

}  // namespace prh
