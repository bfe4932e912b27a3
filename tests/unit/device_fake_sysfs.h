// SPDX-License-Identifier: MIT
// A /sys that says of device numbers what a test wants: as much of it as DescriptorClassifier reads.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "support/process.h"

namespace prh::test {

class FakeSysfs {
  public:
    const std::string& path() const { return directory_.path(); }

    void disk(const std::string& number, unsigned sectors = 2048) {
        std::filesystem::create_directories(of(number));
        write_file(of(number) + "/size", std::to_string(sectors) + "\n");
        write_file(of(number) + "/dev", number + "\n");
        write_file(of(number) + "/diskseq", "9\n");
    }
    /// As before Linux 5.15.
    void disk_without_sequence(const std::string& number) {
        disk(number);
        std::filesystem::remove(of(number) + "/diskseq");
    }
    /// A SCSI disk at `address` ("3:0:0:1"). `page`: its Device Identification VPD page; empty: not kept.
    void scsi_disk(const std::string& number, const std::string& address, const std::string& page,
                   const std::string& wwid = "") {
        disk(number);
        const std::string device = directory_ / ("devices/" + address);
        std::filesystem::create_directories(device);
        if (!page.empty()) write_file(device + "/vpd_pg83", page);
        if (!wwid.empty()) write_file(device + "/wwid", wwid + "\n");
        std::filesystem::create_directory_symlink(device, of(number) + "/device");
    }
    /// /dev/sgN of the SCSI device at `address`, whose disk the kernel calls `name` and `number`.
    void generic(const std::string& sg_number, const std::string& address, const std::string& name,
                 const std::string& number) {
        const std::string device = directory_ / ("devices/" + address);
        std::filesystem::create_directories(device + "/block/" + name);
        write_file(device + "/block/" + name + "/dev", number + "\n");
        std::filesystem::create_directories(directory_ / ("dev/char/" + sg_number));
        std::filesystem::create_directory_symlink(device, directory_ / ("dev/char/" + sg_number + "/device"));
    }
    void partition(const std::string& number) {
        disk(number, 1024);
        write_file(of(number) + "/partition", "1\n");
    }
    /// A device-mapper node over `slaves`.
    void map(const std::string& number, const std::string& uuid, const std::vector<std::string>& slaves,
             unsigned sectors = 2048) {
        forget(number);
        disk(number, sectors);
        std::filesystem::create_directories(of(number) + "/dm");
        write_file(of(number) + "/dm/uuid", uuid + "\n");
        std::filesystem::create_directories(of(number) + "/slaves");
        for (const std::string& slave : slaves)
            std::filesystem::create_directory_symlink(of(slave), of(number) + "/slaves/" + slave);
    }
    void forget(const std::string& number) { std::filesystem::remove_all(of(number)); }
    std::string of(const std::string& number) const { return directory_ / ("dev/block/" + number); }

  private:
    TemporaryDirectory directory_;
};

}  // namespace prh::test
