// SPDX-License-Identifier: MIT
#include "support/loop_device.h"

#include <linux/blkpg.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <cstring>

namespace prh::test {
namespace {

constexpr off_t kSize = 16 << 20;

dev_t parse_number(const std::string& text) {
    const auto colon = text.find(':');
    return makedev(static_cast<unsigned>(std::stoul(text)),
                   static_cast<unsigned>(std::stoul(text.substr(colon + 1))));
}

}  // namespace

LoopDevice::LoopDevice() {
    const Descriptor image(directory_ / "image", O_RDWR | O_CREAT);
    const Descriptor control("/dev/loop-control");
    if (::ftruncate(image.get(), kSize) == 0 && control.valid())
        for (int tries = 0; tries < 50; ++tries) {  // others take free ones too
            const int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
            node_ = "/dev/loop" + std::to_string(number);
            device_ = Descriptor(node_);
            if (device_.valid() && attach()) return;
            if (errno != EBUSY) break;
        }
    failure_ = std::string("cannot attach a loop device: ") + std::strerror(errno);
    device_.close();
}

LoopDevice::~LoopDevice() {
    if (device_.valid()) ::ioctl(device_.get(), LOOP_CLR_FD, 0);
}

bool LoopDevice::attach() {
    const Descriptor image(directory_ / "image");
    loop_config config{};
    config.fd = static_cast<unsigned>(image.get());
    config.info.lo_flags = LO_FLAGS_PARTSCAN;  // or it may have no partitions
    return ::ioctl(device_.get(), LOOP_CONFIGURE, &config) == 0;
}

bool LoopDevice::replace() {
    // Detached when the last one closes it (LO_FLAGS_AUTOCLEAR, loop(4)), us included.
    ::ioctl(device_.get(), LOOP_CLR_FD, 0);
    device_.close();
    return eventually([&] {
        device_ = Descriptor(node_);
        return device_.valid() && attach();
    });
}

std::string LoopDevice::number() const {
    const std::string text = read_file("/sys/class/block/" + name() + "/dev");
    return text.substr(0, text.find('\n'));
}

std::optional<std::string> LoopDevice::partition(int index) {
    blkpg_partition
        partition{};  // told to the kernel: which partition tables it can read is its configuration
    partition.pno = index;
    partition.start = index * kSize / 4;
    partition.length = kSize / 4;
    blkpg_ioctl_arg argument{};
    argument.op = BLKPG_ADD_PARTITION;
    argument.datalen = sizeof partition;
    argument.data = &partition;
    if (::ioctl(device_.get(), BLKPG, &argument) != 0) return std::nullopt;
    const std::string part = name() + "p" + std::to_string(index);
    const std::string number = read_file("/sys/class/block/" + part + "/dev");
    const std::string made = directory_ / part;
    if (number.empty() || ::mknod(made.c_str(), S_IFBLK | 0600, parse_number(number)) != 0)
        return std::nullopt;
    return made;
}

}  // namespace prh::test
