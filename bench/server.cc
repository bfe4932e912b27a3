// SPDX-License-Identifier: MIT
#include "server.h"

#include <signal.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "connection.h"

namespace prh::bench {
namespace {

/// The sum of the fields of a "Name:   123 kB" file of /proc whose names are in `names`.
double sum_of_fields(const std::string& path, std::initializer_list<std::string_view> names) {
    std::ifstream file(path);
    double sum = 0;
    for (std::string line; std::getline(file, line);) {
        const std::string_view text(line);
        for (const std::string_view name : names)
            if (text.starts_with(name) && text.substr(name.size()).starts_with(':'))
                sum += std::stod(line.substr(name.size() + 1));
    }
    return sum;
}

bool greets(const std::string& socket) {
    try {
        const Connection probe(socket);
        return true;
    } catch (const std::system_error&) {
        return false;  // not listening yet
    }
}

}  // namespace

Server::Server(const std::string& program)
    : socket_(directory_ / "helper.sock"), process_({program, "-k", socket_}) {
    const bool ready = test::eventually([&] { return greets(socket_) || !process_.running(); });
    if (!ready || !process_.running())
        throw std::runtime_error(program + " did not start: " + process_.err());
    // The probe's end and the last steps of starting: nothing of them is to be part of what is measured.
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
}

Server::~Server() {
    process_.signal(SIGTERM);
    process_.wait(5);
}

Memory Server::memory() const {
    const std::string directory = "/proc/" + std::to_string(process_.pid());
    Memory memory;
    memory.resident = sum_of_fields(directory + "/status", {"VmRSS"});
    memory.proportional = sum_of_fields(directory + "/smaps_rollup", {"Pss"});
    memory.private_pages = sum_of_fields(directory + "/smaps_rollup", {"Private_Clean", "Private_Dirty"});
    return memory;
}

}  // namespace prh::bench
