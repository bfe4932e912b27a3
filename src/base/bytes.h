// SPDX-License-Identifier: MIT
// Views of bytes, and big-endian cursors over them (every integer of SCSI and of the socket protocol is
// big-endian).
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace prh {

using ConstBytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

template <std::unsigned_integral T>
constexpr T load_be(const std::uint8_t* from) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>(static_cast<T>(value << 8) | from[i]);
    return value;
}
template <>
constexpr std::uint8_t load_be<std::uint8_t>(const std::uint8_t* from) {
    return *from;
}

template <std::unsigned_integral T>
constexpr void store_be(std::uint8_t* to, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i)
        to[i] = static_cast<std::uint8_t>(value >> (8 * (sizeof(T) - 1 - i)));
}

/// Reads from the front of a view. Reading past the end gives zeros and turns ok() false for good, so a
/// parser reads everything and asks once.
class ByteReader {
  public:
    explicit ByteReader(ConstBytes bytes) : rest_(bytes) {}

    template <std::unsigned_integral T>
    T read() {
        const ConstBytes raw = take(sizeof(T));
        return raw.empty() ? T{0} : load_be<T>(raw.data());
    }
    /// The next `count` bytes; empty (and no longer ok) if there are fewer.
    ConstBytes take(std::size_t count) {
        if (count > rest_.size()) {
            ok_ = false;
            rest_ = {};
            return {};
        }
        const ConstBytes front = rest_.first(count);
        rest_ = rest_.subspan(count);
        return front;
    }
    void skip(std::size_t count) { take(count); }
    std::size_t remaining() const { return rest_.size(); }
    ConstBytes rest() const { return rest_; }
    bool ok() const { return ok_; }

  private:
    ConstBytes rest_;
    bool ok_ = true;
};

/// Writes to the front of a buffer and counts what it was given. What does not fit is counted and not
/// written: exactly SPC-4's truncation by ALLOCATION LENGTH (4.2.5.6), so that length fields always tell the
/// whole.
class ByteWriter {
  public:
    explicit ByteWriter(MutableBytes buffer) : buffer_(buffer) {}

    template <std::unsigned_integral T>
    void write(T value) {
        std::uint8_t raw[sizeof(T)];
        store_be(raw, value);
        write_bytes(raw);
    }
    void write_bytes(ConstBytes bytes) {
        if (offered_ < buffer_.size())
            std::copy_n(bytes.begin(), std::min(bytes.size(), buffer_.size() - offered_),
                        buffer_.begin() + static_cast<std::ptrdiff_t>(offered_));
        offered_ += bytes.size();
    }
    void write_zeros(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) write<std::uint8_t>(0);
    }
    std::size_t offered() const { return offered_; }  ///< bytes the whole would take
    std::size_t written() const {
        return std::min(offered_, buffer_.size());
    }  ///< bytes that are in the buffer

  private:
    MutableBytes buffer_;
    std::size_t offered_ = 0;
};

}  // namespace prh
