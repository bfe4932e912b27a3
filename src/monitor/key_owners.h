// SPDX-License-Identifier: MIT
// Which client registered which key: what the records of the audit tell while they are followed. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace prh::ctl {

class KeyOwners {
  public:
    /// A record of the stream: the name of the device that it is of, empty where it is not understood.
    std::string learn(std::string_view record);
    /// "VM db1 (pid 7)"; empty where it is not known. `device` as its name, `key` as "0xa".
    std::string of(const std::string& device, const std::string& key) const;

  private:
    std::map<std::pair<std::string, std::string>, std::string> owners_;
};

}  // namespace prh::ctl
