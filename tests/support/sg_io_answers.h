// SPDX-License-Identifier: MIT
// Answers of SG_IO as real stacks give them: the raw material of the mapping tests.
#pragma once

#include <algorithm>

#include "support/sg_io_injection.h"

namespace prh::test {

inline Injection ioctl_error(int code) {
    Injection injection;
    injection.error = code;
    return injection;
}

inline Injection good(int data_length) {
    Injection injection;
    injection.data_length = data_length;
    return injection;
}

/// Sense data of either format (SPC-4 4.5) cut or stretched to `length`; beyond the standard's fields the
/// bytes are recognizable.
enum class SenseFormat : std::uint8_t {
    Fixed = 0x70,
    FixedDeferred = 0x71,
    Descriptor = 0x72,
    DescriptorDeferred = 0x73
};
inline void put_sense(Injection& injection, SenseFormat format, std::uint8_t length) {
    std::uint8_t* const sense = injection.sense;
    for (std::size_t i = 0; i < sizeof injection.sense; ++i) sense[i] = static_cast<std::uint8_t>(0xA0 + i);
    sense[0] = static_cast<std::uint8_t>(format);
    sense[7] = static_cast<std::uint8_t>(std::max(0, length - 8));
    if (format == SenseFormat::Fixed || format == SenseFormat::FixedDeferred) {
        sense[2] = 0x06;
        sense[12] = 0x2A;
        sense[13] = 0x03;
    } else {
        sense[1] = 0x06;
        sense[2] = 0x2A;
        sense[3] = 0x03;
    }
    injection.sense_length = length;
}

inline Injection check_condition(SenseFormat format, std::uint8_t length) {
    Injection injection;
    injection.status = 0x02;
    put_sense(injection, format, length);
    return injection;
}

}  // namespace prh::test
