// SPDX-License-Identifier: MIT
// The names of metrics are a promise: what prhelperctl prints, the manual explains and the dashboard asks for
// are the same.
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "monitor/emulated_scene.h"
#include "monitor/fake_control.h"
#include "monitor/recorded_state.h"

namespace prh::test {
namespace {

using Json = nlohmann::json;
using Names = std::set<std::string>;

/// Only a multipath map has paths, and an emulated disk is none.
constexpr char kOfMapsAlone[] = "prhelper_device_paths";

/// The names of all samples.
Names sampled(const std::string& text) {
    Names names;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (!line.starts_with('#')) names.insert(line.substr(0, line.find_first_of("{ ")));
    return names;
}

Names matches(const std::string& text, const std::string& expression) {
    const std::regex pattern(expression);
    Names names;
    for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
        names.insert((*at)[1]);
    return names;
}

/// As a manual names them: a histogram is one.
Names families(const Names& samples) {
    Names names;
    for (const std::string& name : samples)
        names.insert(std::regex_replace(name, std::regex("(_seconds)_(bucket|sum|count)$"), "$1"));
    return names;
}

/// Of a helper that has everything.
Names printed() {
    TemporaryDirectory directory;
    FakeControl control(directory / "c", [](const std::string&) { return recorded_state().dump() + "\n"; });
    const CtlRun run = run_ctl({"metrics", "--control=" + (directory / "c")});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return sampled(run.out);
}

class MetricNames : public EmulatedScene {};

TEST_F(MetricNames, ARealHelperHasThemAll) {
    two_hosts_compete();
    Names real = sampled(run({"metrics"}).out);
    EXPECT_FALSE(real.contains(kOfMapsAlone));
    real.insert(kOfMapsAlone);
    EXPECT_EQ(real, printed());
}

TEST(MetricManual, ExplainsEveryNameAndNoOther) {
    const std::string page = read_file(PRH_SOURCE_DIR "/man/prhelperctl.1");
    EXPECT_EQ(matches(page, R"(\n\.TP\n\.B (prhelper_[a-z_]+)\n)"), families(printed()));
}

/// Every PromQL expression of a dashboard, those of its variables among them.
void collect(const Json& node, std::string& expressions) {
    if (node.is_object()) {
        for (const auto& [name, value] : node.items()) {
            if ((name == "expr" || name == "definition") && value.is_string())
                expressions += value.get<std::string>() + "\n";
            collect(value, expressions);
        }
    } else if (node.is_array()) {
        for (const Json& value : node) collect(value, expressions);
    }
}

TEST(MetricDashboard, AsksForNamesThatThereAre) {
    const Json dashboard = Json::parse(read_file(PRH_SOURCE_DIR "/packaging/grafana/qemu-pr-helper.json"));
    std::string expressions;
    collect(dashboard, expressions);
    const Names asked = matches(expressions, "(prhelper_[a-z_]+)");
    EXPECT_GE(asked.size(), 20U);
    const Names there = printed();
    for (const std::string& name : asked) EXPECT_TRUE(there.contains(name)) << name;
    // And shows them all, but for what is a part of another.
    Names shown = families(asked);
    for (const std::string& name : families(there)) EXPECT_TRUE(shown.contains(name)) << name;
}

TEST(MetricDashboard, AsksForLabelsThatThereAre) {
    const Json dashboard = Json::parse(read_file(PRH_SOURCE_DIR "/packaging/grafana/qemu-pr-helper.json"));
    std::string expressions;
    collect(dashboard, expressions);
    Names asked = matches(expressions, R"(([a-z_]+)=~?")");
    asked.merge(matches(expressions, R"(by \((?:[a-z]+, )?([a-z]+)\))"));
    // instance is what Prometheus adds of itself.
    for (const std::string& label : asked)
        EXPECT_TRUE((Names{"instance", "device", "state", "result", "le"}.contains(label))) << label;
}

}  // namespace
}  // namespace prh::test
