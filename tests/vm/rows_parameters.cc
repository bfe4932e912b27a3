// SPDX-License-Identifier: MIT
// Rows 54-59: lengths and service actions that do not exist.
#include "vm/scene.h"

namespace prh::vm {
namespace {

constexpr std::uint8_t kReservationData[] = {0, 0, 0,    0,    0, 0, 0, 16, 0, 0, 0, 0,
                                             0, 0, 0x11, 0x11, 0, 0, 0, 0,  0, 5, 0, 0};

/// The first `length` bytes; PRGENERATION is not ours to say.
void compare(const Step& step, const Bytes& expected) {
    Bytes seen = step.good().reply().data;
    for (std::size_t i = 0; i < 4 && i < seen.size(); ++i) seen[i] = 0;
    if (seen != expected) throw RowFailure("expected data " + hex(expected) + ", seen " + hex(seen));
}

Bytes first(const Bytes& bytes, std::size_t length) {
    return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(std::min(length, bytes.size()))};
}

void read_reservation_lengths(Scene& s) {
    s.ours.reg(0, K).good();
    s.ours.reserve(K, 5).good();
    const Bytes whole(std::begin(kReservationData), std::end(kReservationData));
    for (const unsigned length : {8U, 16U, 21U, 22U, 24U}) {
        Bytes expected = first(whole, length);
        // LIO writes key and type only where all of them fit: SPC-4 4.2.5.6 would cut them off.
        if (s.lio() && length < 22) std::fill(expected.begin() + 8, expected.end(), std::uint8_t{0});
        compare(s.ours.in(kReadReservation, length), expected);
    }
}

void capabilities(Scene& s) {
    // LIO: CRH, SIP_C, ATP_C, PTPL_C; TMV, ALLOW COMMANDS 1; all six types. A helper changes nothing of it.
    const Bytes lio{0x00, 0x08, 0x1D, 0x90, 0xEA, 0x01, 0x00, 0x00};
    for (const unsigned length : {6U, 8U, 255U}) {
        const Step step = s.ours.in(kReportCapabilities, length);
        if (s.lio()) {
            step.returns(first(lio, length));
            continue;
        }
        const Bytes& seen = step.good().reply().data;
        const bool fits = seen.size() == std::min(length, 8U) && seen[1] == 8 && (seen[3] & 0x80) != 0 &&
                          seen[4] == 0xEA && seen[5] == 0x01;
        if (!fits) throw RowFailure("REPORT CAPABILITIES: " + hex(seen));
    }
}

}  // namespace

Rows parameter_rows() {
    return {
        {54, "PR OUT with 0, 8, 23, 28 bytes of parameters -> 05/1A/00",
         [](Scene& s) {
             for (const std::size_t length : {0U, 8U, 23U, 28U})
                 s.ours.out("REGISTER of " + std::to_string(length) + " bytes", 0, 0, Bytes(length))
                     .gives(kParameterListLengthError);
             s.nobody();
         }},
        {55, "PR OUT action 8, 1F; PR IN action 4, 1F -> 05/24/00",
         [](Scene& s) {
             s.ours.reg(0, K).good();
             for (const unsigned action : {0x08U, 0x1FU})
                 s.ours.out("PR OUT action " + std::to_string(action), action, 0, test::key_list(K, 0))
                     .gives(kInvalidFieldInCdb);
             for (const unsigned action : {0x04U, 0x1FU}) s.ours.in(action, 24).gives(kInvalidFieldInCdb);
             s.state({K}, kNothing);
         }},
        {56, "READ KEYS into 0, 4, 7 bytes; REPORT CAPABILITIES into 4",
         [](Scene& s) {
             for (const unsigned length : {0U, 4U, 7U}) s.ours.in(kReadKeys, length).gives(kShortBuffer);
             s.ours.in(kReportCapabilities, 4).gives(kShortBuffer);
         }},
        {57,
         "READ KEYS into 8, 12, 16 bytes with one key (down each path) -> that many, additional length 8 "
         "each",
         [](Scene& s) {
             s.ours.reg(0, K).good();
             Bytes whole{0, 0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(8 * s.path_count())};
             for (std::size_t i = 0; i < s.path_count(); ++i)
                 whole.insert(whole.end(), {0, 0, 0, 0, 0, 0, 0x11, 0x11});
             for (const unsigned length : {8U, 12U, 16U})
                 compare(s.ours.in(kReadKeys, length), first(whole, length));
         }},
        {58, "READ RESERVATION into 8, 16, 21, 22, 24 bytes -> additional length 16",
         read_reservation_lengths},
        {59, "REPORT CAPABILITIES into 6, 8, 255 bytes", capabilities},
    };
}

}  // namespace prh::vm
