// SPDX-License-Identifier: MIT
// A node whose commands go through a helper's socket with a device node of this host.
#pragma once

#include <memory>
#include <optional>

#include "base/unique_fd.h"
#include "client/common_options.h"
#include "device/descriptor_kind.h"
#include "device/device_identity.h"
#include "diagnose/initiator.h"

namespace prh::ctl {

class HelperInitiator final : public Initiator {
  public:
    static Expected<std::unique_ptr<HelperInitiator>> open(const std::string& device,
                                                           const std::string& socket,
                                                           const CommonOptions& common);

    const std::string& device() const override { return device_; }
    const std::string& socket() const override { return socket_; }
    Expected<Reply> execute(const Cdb& cdb, ConstBytes parameter_list) override;
    bool reconnect() override;
    WayFacts way() override;
    WayFacts probed_way() override;
    MultipathdAnswerSeen ask_multipathd() override;

    /// What the node stands for; no more than its number for a file of the emulator.
    DeviceIdentity identity();

  private:
    HelperInitiator(std::string device, std::string socket, const CommonOptions& common, UniqueFd node)
        : device_(std::move(device)),
          socket_(std::move(socket)),
          timeout_(common.timeout),
          verbose_(common.verbose),
          node_(std::move(node)) {}

    Expected<Reply> send(const Cdb& cdb, FdRef node, ConstBytes parameter_list);

    const std::string device_;
    const std::string socket_;
    const std::chrono::seconds timeout_;
    const bool verbose_;
    const UniqueFd node_;
    DescriptorClassifier classifier_;
    std::optional<HelperConnection> helper_;
};

}  // namespace prh::ctl
