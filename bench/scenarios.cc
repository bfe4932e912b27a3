// SPDX-License-Identifier: MIT
#include "scenarios.h"

#include "load.h"
#include "server.h"

namespace prh::bench {
namespace {

void one_connection(const Bench& bench, Figures& figures) {
    const Server server(bench.program);
    const Memory memory = server.memory();
    auto connections = open_connections(server.socket(), 1);
    const Latencies latencies = drive_one(connections, bench.device, bench.seconds);
    figures.add(Figure::OneConnection, bench.contender, latencies.requests_per_second());
    figures.add(Figure::OneConnectionP50, bench.contender, latencies.percentile_us(50));
    figures.add(Figure::OneConnectionP99, bench.contender, latencies.percentile_us(99));
    if (bench.contender == Contender::Floor) return;  // a thread for each connection: its memory is no floor
    figures.add(Figure::MemoryAtStart, bench.contender, memory.resident);
    figures.add(Figure::ProportionalAtStart, bench.contender, memory.proportional);
    figures.add(Figure::PrivateAtStart, bench.contender, memory.private_pages);
}

void one_of_few(const Bench& bench, Figures& figures) {
    figures.add(Figure::OneOf500, bench.contender, one_busy_among(bench, bench.scale.few));
}

/// The memory is read after the load: with the connections open, and with what serving one of them costs.
void one_of_many(const Bench& bench, Figures& figures) {
    const Server server(bench.program);
    auto connections = open_connections(server.socket(), bench.scale.many);
    const Latencies latencies = drive_one(connections, bench.device, bench.seconds);
    figures.add(Figure::OneOf2000, bench.contender, latencies.requests_per_second());
    if (bench.contender == Contender::Floor) return;
    const Memory memory = server.memory();
    figures.add(Figure::MemoryWith2000, bench.contender, memory.resident);
    figures.add(Figure::ProportionalWith2000, bench.contender, memory.proportional);
    figures.add(Figure::PrivateWith2000, bench.contender, memory.private_pages);
}

void paced(const Bench& bench, Figures& figures) {
    const Server server(bench.program);
    auto connections = open_connections(server.socket(), bench.scale.busy);
    const Latencies latencies = drive_paced(connections, bench.device, bench.scale.paced, bench.seconds);
    figures.add(Figure::PacedP99, bench.contender, latencies.percentile_us(99));
    figures.add(Figure::PacedP50, bench.contender, latencies.percentile_us(50));
}

void all_busy(const Bench& bench, Figures& figures) {
    const Server server(bench.program);
    auto connections = open_connections(server.socket(), bench.scale.busy);
    const Latencies latencies = drive_all(connections, bench.device, bench.seconds);
    figures.add(Figure::AllBusyP99, bench.contender, latencies.percentile_us(99));
    figures.add(Figure::AllBusyP50, bench.contender, latencies.percentile_us(50));
    figures.add(Figure::AllBusyThroughput, bench.contender, latencies.requests_per_second());
}

void all_busy_from_one_thread(const Bench& bench, Figures& figures) {
    const Server server(bench.program);
    auto connections = open_connections(server.socket(), bench.scale.busy);
    const Latencies latencies = drive_all_from_one_thread(connections, bench.device, bench.seconds);
    figures.add(Figure::OneThreadP99, bench.contender, latencies.percentile_us(99));
    figures.add(Figure::OneThreadThroughput, bench.contender, latencies.requests_per_second());
}

}  // namespace

double one_busy_among(const Bench& bench, std::size_t open) {
    const Server server(bench.program);
    auto connections = open_connections(server.socket(), open);
    return drive_one(connections, bench.device, bench.seconds).requests_per_second();
}

void run_scenarios(const Bench& bench, Figures& figures) {
    one_connection(bench, figures);
    one_of_few(bench, figures);
    one_of_many(bench, figures);
    paced(bench, figures);
    all_busy(bench, figures);
    all_busy_from_one_thread(bench, figures);
}

}  // namespace prh::bench
