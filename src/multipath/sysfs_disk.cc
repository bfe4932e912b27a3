// SPDX-License-Identifier: MIT
#include "multipath/sysfs_disk.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/errno.h"
#include "device/descriptor_kind.h"
#include "device/sysfs.h"

namespace prh {
namespace {

namespace fs = std::filesystem;

/// "host7" of "/sys/devices/.../host7/...": the one component that begins so and goes on with digits, or with
/// digits and one colon where `with_colon` says so ("port-7:0", not the "port-7:0:1" behind an expander).
std::optional<std::string> component(const fs::path& path, std::string_view prefix, bool with_colon = false) {
    for (const fs::path& part : path) {
        const std::string text = part.string();
        if (!text.starts_with(prefix) || text.size() == prefix.size()) continue;
        const std::string_view rest = std::string_view(text).substr(prefix.size());
        const std::size_t colons = static_cast<std::size_t>(std::count(rest.begin(), rest.end(), ':'));
        if (rest.find_first_not_of("0123456789:") == std::string_view::npos &&
            colons == (with_colon ? 1U : 0U))
            return text;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> parse_hexadecimal(std::string_view text) {
    if (text.starts_with("0x")) text.remove_prefix(2);
    std::uint64_t value = 0;
    const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc{} || stopped != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::uint64_t> number_attribute(const std::string& path) {
    const auto text = sysfs_attribute(path);
    const auto number = text ? parse_hexadecimal(*text) : std::nullopt;
    if (!number || *number == 0 || *number == ~std::uint64_t{0}) return std::nullopt;  // not (yet) known
    return number;
}

std::optional<TransportId> fibre_channel_port(const std::string& root, const fs::path& device) {
    const auto host = component(device, "host");
    const auto name = host ? number_attribute(root + "/class/fc_host/" + *host + "/port_name") : std::nullopt;
    if (!name) return std::nullopt;
    return TransportId::fibre_channel(*name);
}

/// The phys of the host's port that leads to the disk, which must all have one address.
std::optional<TransportId> sas_port(const std::string& root, const fs::path& device) {
    const auto port = component(device, "port-", true);
    if (!port) return std::nullopt;
    const std::string text = device.string();
    const std::string directory = text.substr(0, text.find("/" + *port + "/") + 1 + port->size());
    std::optional<std::uint64_t> address;
    const auto entries = list_sysfs(directory);
    if (!entries) return std::nullopt;
    for (const std::string& entry : *entries) {
        const std::string phy = entry.substr(entry.rfind('/') + 1);
        if (!phy.starts_with("phy-")) continue;
        const auto found = number_attribute(root + "/class/sas_phy/" + phy + "/sas_address");
        if (!found || (address && *address != *found)) return std::nullopt;
        address = found;
    }
    if (!address) return std::nullopt;
    return TransportId::sas(*address);
}

std::optional<TransportId> iscsi_port(const std::string& root, const fs::path& device) {
    constexpr std::size_t kIsidDigits = 12;
    const auto session = component(device, "session");
    if (!session) return std::nullopt;
    const std::string directory = root + "/class/iscsi_session/" + *session;
    const auto name = sysfs_attribute(directory + "/initiatorname");
    const auto isid = sysfs_attribute(directory + "/isid");
    if (!name || !isid || isid->size() != kIsidDigits) return std::nullopt;
    const auto number = parse_hexadecimal(*isid);
    const auto valid = TransportId::from_string(*name);  // "<NULL>" where the driver keeps none
    if (!number || !valid || valid->protocol() != TransportProtocol::Iscsi || name->find(',') != name->npos)
        return std::nullopt;
    return TransportId::iscsi(*name, number);
}

}  // namespace

Result<std::optional<std::string>> SysfsDisk::number() const {
    return read_sysfs_attribute(directory_ + "/dev");
}

Result<bool> SysfsDisk::is_held_by(const std::string& map) const {
    const auto holders = list_sysfs(directory_ + "/holders");
    if (!holders) return tl::unexpected<Error>(holders.error());
    for (const std::string& holder : *holders) {
        const auto number = read_sysfs_attribute(holder + "/dev");
        if (!number) return tl::unexpected<Error>(number.error());
        if (*number == map) return true;
    }
    return false;
}

std::optional<DeviceIdentification> SysfsDisk::identification() const {
    const auto page = sysfs_bytes(directory_ + "/device/vpd_pg83");
    return page ? DeviceIdentification::parse(*page) : std::nullopt;
}

std::optional<std::string> SysfsDisk::unservable() const {
    // Attributes that cannot be read for want of a descriptor are there all the same.
    std::error_code error;
    if (!fs::exists(directory_ + "/device/state", error) && !error) return "it is no SCSI disk";
    const std::string page = directory_ + "/device/vpd_pg83";
    const bool has_page = fs::exists(page, error);
    if (error) return std::nullopt;
    const auto bytes = sysfs_bytes(page);
    if (has_page && !bytes) return std::nullopt;
    const auto identification = bytes ? DeviceIdentification::parse(*bytes) : std::nullopt;
    if (identification && !identification->logical_unit().empty()) return std::nullopt;
    return "it does not say which logical unit it is (VPD page 83h)";
}

UniqueFd SysfsDisk::state() const {
    return UniqueFd(::open((directory_ + "/device/state").c_str(), O_RDONLY | O_CLOEXEC));
}

bool SysfsDisk::has_sequence() const { return has_disk_sequence(directory_); }

std::optional<TransportId> SysfsDisk::initiator_port() const {
    std::error_code error;
    const fs::path device = fs::canonical(directory_ + "/device", error);
    if (error) return std::nullopt;
    if (auto port = fibre_channel_port(root_, device)) return port;
    if (auto port = iscsi_port(root_, device)) return port;
    return sas_port(root_, device);
}

DiskState disk_state(FdRef state) {
    std::array<char, 64> buffer;
    const ssize_t got = ::pread(state.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && !is_missing(errno)) return DiskState::Unknown;
    if (got <= 0) return DiskState::Gone;
    const std::string_view text(buffer.data(), static_cast<std::size_t>(got));
    if (text == "running\n") return DiskState::Running;
    return text == "blocked\n" ? DiskState::Blocked : DiskState::Away;
}

bool is_running(FdRef state) { return disk_state(state) == DiskState::Running; }
bool is_blocked(FdRef state) { return disk_state(state) == DiskState::Blocked; }
bool is_there(FdRef state) { return disk_state(state) != DiskState::Gone; }

}  // namespace prh
