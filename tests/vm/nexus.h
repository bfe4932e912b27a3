// SPDX-License-Identifier: MIT
// One I_T nexus of the logical unit under test: a descriptor of its device, and a connection to the helper.
// Or a map of several, which the helper makes look like one. Every command gives a Step, and a Step whose
// outcome is not the expected one ends its row.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/raw_client.h"
#include "vm/quirks.h"

namespace prh::vm {

using test::Bytes;
using test::RawReply;

/// What was expected and what was seen instead.
struct RowFailure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Service actions of PERSISTENT RESERVE IN (SPC-4 table 190).
constexpr unsigned kReadKeys = 0, kReadReservation = 1, kReportCapabilities = 2, kReadFullStatus = 3;

/// One command and its outcome: "18", "02 5/24/00" (RawReply::brief).
class [[nodiscard]] Step {
  public:
    Step(std::string command, Target target, RawReply reply)
        : command_(std::move(command)), target_(target), reply_(std::move(reply)) {}

    const Step& gives(const std::string& expected) const;
    const Step& gives(const Quirk& quirk) const {
        return gives(target_ == Target::kLio ? quirk.lio : quirk.spc);
    }
    const Step& good() const { return gives(kGood); }
    const Step& returns(const Bytes& data) const;  ///< GOOD with exactly this data
    const RawReply& reply() const { return reply_; }

  private:
    std::string command_;
    Target target_;
    RawReply reply_;
};

/// The port's own name, as READ FULL STATUS reports it: what SPEC_I_PT and REGISTER AND MOVE address it by.
struct PortIdentity {
    unsigned relative_target_port = 0;
    Bytes transport_id;
    friend bool operator==(const PortIdentity&, const PortIdentity&) = default;
};

class Nexus {
  public:
    /// Without a socket its commands go to the disk itself, past every helper.
    Nexus(std::string name, Target target, const std::string& socket, const std::string& device);
    Nexus(const Nexus&) = delete;
    Nexus& operator=(const Nexus&) = delete;
    ~Nexus();

    Step reg(std::uint64_t key, std::uint64_t new_key, unsigned flags = 0);
    Step reg_ignore(std::uint64_t key, std::uint64_t new_key, unsigned flags = 0);
    Step reserve(std::uint64_t key, unsigned type, unsigned scope = 0);
    Step release(std::uint64_t key, unsigned type, unsigned scope = 0);
    Step clear(std::uint64_t key);
    Step preempt(std::uint64_t key, std::uint64_t victim, unsigned type, unsigned scope = 0);
    Step preempt_and_abort(std::uint64_t key, std::uint64_t victim, unsigned type);
    Step reg_with_ids(unsigned action, std::uint64_t new_key, const Bytes& transport_ids);  ///< SPEC_I_PT
    Step move(std::uint64_t key, std::uint64_t new_key, const PortIdentity& to, bool unregister = false);

    Step out(const std::string& name, unsigned action, unsigned type, const Bytes& list, unsigned scope = 0);
    Step in(unsigned action, unsigned allocation_length);
    Step past_the_helper(const std::string& name, const Bytes& cdb, unsigned bytes_in = 0,
                         const Bytes& out = {});

    /// It is a map, and unit attentions are a matter of each of its paths.
    void stands_for(std::vector<Nexus*> paths) { paths_ = std::move(paths); }

    /// The next command reports this unit attention, and the one after it reports none (of a map: not down
    /// any path).
    void attention(const std::string& expected);
    void no_attention();
    void drain();

    int descriptor() const { return descriptor_; }
    const std::string& name() const { return name_; }

  private:
    Step poke();  ///< a command that only reports: TEST UNIT READY on a disk, else READ RESERVATION
    Step through_the_helper(const std::string& name, const Bytes& cdb, const Bytes& list, unsigned allowed);

    std::string name_;
    Target target_;
    int descriptor_ = -1;
    test::RawClient client_;
    bool past_helper_;
    std::vector<Nexus*> paths_;
};

std::string hex(const Bytes& bytes);
std::string hex(std::uint64_t value);

}  // namespace prh::vm
