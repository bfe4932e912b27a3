// SPDX-License-Identifier: MIT
// Who looks at a request beside its device: what it does to a registration, and the record of the audit. Any
// CDB with any parameter list, whether they belong together or not, of a client in any control group; the
// record is one line of JSON, and both read the same keys.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "fuzz/fuzz_input.h"
#include "os/control_group.h"
#include "scsi/names.h"
#include "scsi/pr_out_parameters.h"
#include "server/audit_record.h"
#include "server/nexus_watch.h"

namespace {

using namespace prh;
using Json = nlohmann::json;

std::string text_of(ConstBytes bytes) { return {bytes.begin(), bytes.end()}; }

void check(const AuditRecord& record, RegistrationChange change) {
    const std::string line = record.to_json();
    REQUIRE(line.find('\n') == std::string::npos);
    const Json json = Json::parse(line, nullptr, false);
    REQUIRE(json.is_object());
    const bool out = record.cdb.is_persistent_reserve_out();
    REQUIRE(json["event"] == (out ? "out" : record.cdb.is_clean_up() ? "cleanup" : "in"));
    // What a list of the shape of all others says, it says to both.
    if (out && record.parameter_list.size() >= PrOutParameters::kBasicLength) {
        REQUIRE(json["key"] == to_string(ReservationKey{load_be<std::uint64_t>(&record.parameter_list[0])}));
        if (change == RegistrationChange::Enters) REQUIRE(json["action_key"] != "0x0");
    }
    REQUIRE(!record.notable() || record.cdb.changes_something());
    REQUIRE(!record.to_string().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    AuditRecord record;
    record.peer = {input.byte(), input.byte(), input.byte()};
    const std::string group = text_of(input.take(input.byte() % 128));
    const std::string name = name_of_control_group(group);
    REQUIRE(name.size() <= 85 &&
            std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~'; }));
    record.peer_name = name.empty() ? group : name;
    record.device.number = "8:16";
    record.device.name = text_of(input.take(input.byte() % 32));
    record.result = CommandResult::of(static_cast<ScsiStatus>(input.byte()));

    Request request;
    std::array<std::uint8_t, Cdb::kSize> cdb{};
    const ConstBytes given = input.take(cdb.size());
    std::copy(given.begin(), given.end(), cdb.begin());
    request.cdb = Cdb(cdb);
    const ConstBytes list = input.rest();
    request.parameter_list.assign(list.begin(), list.end());

    const RegistrationChange change = registration_change(request);
    REQUIRE(change == RegistrationChange::None || request.cdb.is_clean_up() || list.size() >= 24);
    record.cdb = request.cdb;
    record.parameter_list = request.parameter_list;
    check(record, change);
    return 0;
}
