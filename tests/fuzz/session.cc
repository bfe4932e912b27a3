// SPDX-License-Identifier: MIT
// A client sends anything, in pieces of any size, with any number of descriptors: the session asks for no
// more than it may, completes requests that are whole, and keeps no descriptor that it was given too many of.
#include "wire/session.h"

#include <unistd.h>

#include "fuzz/fuzz_input.h"

namespace prh {
namespace {

void check_complete(const Session& session) {
    const Request& request = session.request();
    REQUIRE(session.wanted() == 0);
    REQUIRE(request.descriptor.valid() != request.descriptor_lost);
    REQUIRE(request.cdb.is_persistent_reserve_in() || request.cdb.is_persistent_reserve_out() ||
            request.cdb.is_clean_up());
    const std::size_t expected =
        request.cdb.is_persistent_reserve_out() ? request.cdb.allocation_length() : 0;
    REQUIRE(request.parameter_list.size() == expected && expected <= kMaximumDataLength);
}

}  // namespace
}  // namespace prh

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace prh;
    fuzz::Input input(data, size);
    Session session;
    const int spare = ::dup(0);
    REQUIRE(spare >= 0);
    ::close(spare);  // the number that the next descriptor will have
    while (!input.empty()) {
        if (session.complete()) {
            check_complete(session);
            session.next();
            continue;
        }
        REQUIRE(session.wanted() > 0 && session.wanted() <= kMaximumDataLength);
        const std::uint8_t choice = input.byte();
        if (choice == 0xEE) {
            session.end_of_file();
            break;
        }
        std::array<UniqueFd, 3> descriptors;
        const std::size_t count = session.takes_descriptors() ? choice % 4 : 0;
        for (std::size_t i = 0; i < count; ++i) descriptors[i] = UniqueFd(::dup(0));
        const ConstBytes bytes = input.take(1 + input.up_to(session.wanted() - 1));
        if (bytes.empty()) break;
        const bool lost = (choice & 0x80) != 0 && session.takes_descriptors();
        if (session.feed(bytes, std::span(descriptors).first(count), lost)) break;
        for (const UniqueFd& descriptor : descriptors) REQUIRE(!descriptor.valid());
    }
    session = Session();
    const int next = ::dup(0);
    REQUIRE(next == spare);  // none was kept
    ::close(next);
    return 0;
}
