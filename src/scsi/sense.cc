// SPDX-License-Identifier: MIT
#include "scsi/sense.h"

#include <algorithm>

namespace prh {

SenseData SenseData::fixed(SenseCode code) {
    SenseData sense;
    sense.bytes_[0] = 0x70;
    sense.bytes_[2] = static_cast<std::uint8_t>(code.key);
    sense.bytes_[7] = kFixedLength - 8;  // ADDITIONAL SENSE LENGTH
    sense.bytes_[12] = code.asc;
    sense.bytes_[13] = code.ascq;
    sense.length_ = kFixedLength;
    return sense;
}

SenseData SenseData::from_device(ConstBytes bytes) {
    SenseData sense;
    sense.length_ = std::min(bytes.size(), kCapacity);
    std::copy_n(bytes.begin(), sense.length_, sense.bytes_.begin());
    return sense;
}

std::optional<SenseCode> SenseData::decode(ConstBytes bytes) {
    if (bytes.empty()) return std::nullopt;
    switch (bytes[0] & 0x7F) {
        case 0x70:
        case 0x71:  // fixed format: the codes may be missing from a short one (SPC-4 4.5.3)
            if (bytes.size() < 3) return std::nullopt;
            return SenseCode{static_cast<SenseKey>(bytes[2] & 0x0F),
                             bytes.size() > 12 ? bytes[12] : std::uint8_t{0},
                             bytes.size() > 13 ? bytes[13] : std::uint8_t{0}};
        case 0x72:
        case 0x73:  // descriptor format (SPC-4 4.5.2)
            if (bytes.size() < 4) return std::nullopt;
            return SenseCode{static_cast<SenseKey>(bytes[1] & 0x0F), bytes[2], bytes[3]};
        default: return std::nullopt;
    }
}

}  // namespace prh
