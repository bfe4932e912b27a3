// SPDX-License-Identifier: MIT
// What every fuzzer includes: libFuzzer's entry, and a check that is on in every build.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/bytes.h"

#define REQUIRE(condition)              \
    do {                                \
        if (!(condition)) std::abort(); \
    } while (false)

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace prh::fuzz {

/// Takes its choices from the front of the input, so that a mutation changes one of them.
class Input {
  public:
    Input(const std::uint8_t* data, std::size_t size) : reader_(ConstBytes(data, size)) {}

    std::uint8_t byte() { return reader_.remaining() == 0 ? std::uint8_t{0} : reader_.read<std::uint8_t>(); }
    std::size_t up_to(std::size_t limit) {
        const std::size_t value = static_cast<std::size_t>(byte()) << 8 | byte();
        return value % (limit + 1);
    }
    ConstBytes take(std::size_t count) { return reader_.take(std::min(count, reader_.remaining())); }
    ConstBytes rest() { return take(reader_.remaining()); }
    bool empty() const { return reader_.remaining() == 0; }

  private:
    ByteReader reader_;
};

}  // namespace prh::fuzz
