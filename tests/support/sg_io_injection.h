// SPDX-License-Identifier: MIT
// What the test tells the injector to answer to the next SG_IO, and what the injector tells the test of it:
// pages of memory that both have mapped. A conversation has one request in flight, so the two never touch its
// page at the same time; the socket between them orders their accesses. Clients that are to be told apart
// have a page each.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace prh::test {

/// Environment variable with the path of the file that holds InjectionPages.
constexpr const char* kInjectionVariable = "PRH_SG_IO_INJECTION";

/// The answer to an SG_IO, as the kernel would give it.
struct Injection {
    std::int32_t error = 0;     ///< if not 0: ioctl returns -1 with this errno, and nothing else is written
    std::int32_t returned = 0;  ///< if not 0: what ioctl returns, and nothing else is written
    std::uint16_t host_status = 0;
    std::uint16_t driver_status = 0;
    std::uint8_t status = 0;
    std::uint8_t sense_length = 0;  ///< sb_len_wr
    std::uint8_t sense[96] = {};
    bool sense_withheld = false;  ///< sb_len_wr says that there are sense data, but nothing was written
    /// Data-In that the device has to send; what fits into the buffer is written and accounted for in resid.
    std::int32_t data_length = 0;
    std::uint8_t data_seed = 1;          ///< byte i of the data is seed + i % period
    std::uint16_t data_period = 0x4000;  ///< more than there are data
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

struct InjectionFile {
    /// More than one: byte 9 of the CDB (CONTROL) says whose request it is.
    static constexpr std::size_t kMostPages = 2;
    InjectionPage pages[kMostPages];
    std::uint8_t pages_used = 1;
    /// If not 0: the stack below whoever receives a message is filled with this byte, so that a buffer that
    /// is not written to is not zero by chance.
    std::uint8_t poison = 0;
    std::atomic<std::uint32_t> hanging = 0;  ///< if not 0: SG_IO does not return
    std::atomic<std::uint32_t> hung = 0;     ///< how many SG_IO do not return
};

}  // namespace prh::test
