// SPDX-License-Identifier: MIT
// What the test tells the injector to answer to the next SG_IO, and what the injector tells the test of it: a
// page of memory that both have mapped. The conversation has one request in flight, so the two never touch it
// at the same time; the socket between them orders their accesses.
#pragma once

#include <cstddef>
#include <cstdint>

namespace prh::test {

/// Environment variable with the path of the file that holds an InjectionPage.
constexpr const char* kInjectionVariable = "PRH_SG_IO_INJECTION";

/// The answer to an SG_IO, as the kernel would give it.
struct Injection {
    std::int32_t error = 0;  ///< if not 0: ioctl returns -1 with this errno, and nothing else is written
    std::uint16_t host_status = 0;
    std::uint16_t driver_status = 0;
    std::uint8_t status = 0;
    std::uint8_t sense_length = 0;  ///< sb_len_wr
    std::uint8_t sense[96] = {};
    /// Data-In that the device has to send; what fits into the buffer is written and accounted for in resid.
    std::int32_t data_length = 0;
    std::uint8_t data_seed = 1;  ///< byte i of the data is seed + i
    bool data_withheld = false;  ///< resid says that the data were transferred, but nothing was written
    std::uint32_t delay_ms = 0;  ///< how long the device takes
    bool residual_given = false;
    std::int32_t residual = 0;  ///< taken as it is, however absurd, if residual_given
};

/// The SG_IO that was called last.
struct SeenSgIo {
    std::uint32_t calls = 0;  ///< since the page was made
    std::int32_t direction = 0;
    std::uint32_t data_length = 0;
    std::uint32_t timeout = 0;
    std::uint8_t command_length = 0;
    std::uint8_t sense_capacity = 0;
    std::uint8_t cdb[16] = {};  ///< the first 10 bytes; a caller need not have more
    std::uint8_t data_out[8192] = {};
};

struct InjectionPage {
    Injection injection;
    SeenSgIo seen;
};

}  // namespace prh::test
