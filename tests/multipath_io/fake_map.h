// SPDX-License-Identifier: MIT
// A /sys with one dm-multipath map, as much of it as src/multipath reads. The disks below may stand on any
// block device of the test's; nodes are looked for in a /dev of its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "multipath/sysfs_map.h"
#include "multipath_io/identification_page.h"
#include "support/process.h"

namespace prh::test {

class FakeMap {
  public:
    static constexpr std::uint64_t kNaa = 0x6001405AABBCCDD0;

    explicit FakeMap(std::string number = "254:3", std::string wwid = "36001405aabbccdd0");

    const std::string& number() const { return number_; }
    const std::string& wwid() const { return wwid_; }
    std::string sysfs() const { return directory_ / "sys"; }
    std::string dev() const { return directory_ / "dev"; }
    SysfsMap map() const { return SysfsMap(sysfs(), number_); }

    /// A disk below the map. `number`: of the block device that it stands on; `host`: the part of its place
    /// in /sys/devices that tells the transport, such as "host7".
    void add(const std::string& name, const std::string& number, const Page& page = identification_page(kNaa),
             const std::string& host = "host7");
    /// A node of that disk in dev(), which leads to `target`.
    void node(const std::string& name, const std::string& target);
    void remove(const std::string& name);
    void let_go(const std::string& name);  ///< device-mapper does not hold it any more
    void set_state(const std::string& name, const std::string& state);
    void set_uuid(const std::string& uuid);
    void set_alias(const std::string& alias);
    /// An attribute anywhere below sysfs().
    void write(const std::string& path, const std::string& text);

    std::string of(const std::string& name) const;  ///< the disk's place in /sys/devices

  private:
    std::string of_map() const { return sysfs() + "/dev/block/" + number_; }

    TemporaryDirectory directory_;
    std::string number_;
    std::string wwid_;
};

}  // namespace prh::test
