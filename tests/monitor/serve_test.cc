// SPDX-License-Identifier: MIT
// What is served over HTTP, to whom, and how it ends.
#include <httplib.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "monitor/emulated_scene.h"
#include "monitor/served_page.h"
#include "support/contains.h"

namespace prh::test {
namespace {

using Json = nlohmann::json;

class Serve : public EmulatedScene {
  protected:
    httplib::Result get(const char* path, const httplib::Headers& headers = {}) {
        httplib::Client client("127.0.0.1", served_.port());
        return client.Get(path, headers);
    }
    void end(int signal) {
        served_.process().signal(signal);
        EXPECT_EQ(served_.process().wait(), 0) << served_.process().err();
    }

    ServedPage served_{command({})};
};

TEST_F(Serve, MetricsAreThoseOfTheCommand) {
    two_hosts_compete();
    const auto answer = get("/metrics");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->get_header_value("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_TRUE(contains(answer->body, "\nprhelper_requests_total 4\n")) << answer->body;
    EXPECT_TRUE(contains(answer->body, ",result=\"RESERVATION CONFLICT\"} 1\n")) << answer->body;
    const auto open =
        get("/metrics", {{"Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"}});
    ASSERT_TRUE(open);
    EXPECT_TRUE(open->body.ends_with("\n# EOF\n"));
    EXPECT_TRUE(contains(open->get_header_value("Content-Type"), "application/openmetrics-text"));
    end(SIGTERM);
}

TEST_F(Serve, TheStateHoldsWhatTheDisksSay) {
    two_hosts_compete();
    Json state;
    ASSERT_TRUE(eventually([&] {
        const auto answer = get("/state");
        if (!answer || answer->status != 200) return false;
        state = Json::parse(answer->body);
        return state["devices"].size() == 2 && state["disks"]["1"].contains("held_by") &&
               state["disks"]["2"].contains("held_by");
    })) << state;
    EXPECT_EQ(state["disks"]["1"]["held_by"], "key 0xa1, Write Exclusive, registrants only");
    EXPECT_EQ(state["disks"]["1"]["registrations"][0]["key"], "0xa1");
    EXPECT_EQ(state["disks"]["1"]["registrations"][0]["holder"], true);
    end(SIGINT);
}

TEST_F(Serve, AHelperThatIsGoneIsToldAsSuch) {
    emulator_.signal(SIGTERM);
    ASSERT_EQ(emulator_.wait(), 0);
    const auto metrics = get("/metrics");
    ASSERT_TRUE(metrics);
    EXPECT_EQ(metrics->status, 200) << "Prometheus is to see prhelper_up, not a failed scrape";
    EXPECT_TRUE(contains(metrics->body, "\nprhelper_up 0\n"));
    const auto state = get("/state");
    ASSERT_TRUE(state);
    EXPECT_EQ(state->status, 503);
    EXPECT_TRUE(contains(Json::parse(state->body)["error"], "--control=PATH"));
}

TEST_F(Serve, ThePageRunsNoScriptButItsOwn) {
    for (const char* const path : {"/", "/page.js", "/page.css", "/metrics", "/state", "/nothing"}) {
        const auto answer = get(path);
        ASSERT_TRUE(answer) << path;
        EXPECT_EQ(answer->status, path == std::string("/nothing") ? 404 : 200) << path;
        const std::string policy = answer->get_header_value("Content-Security-Policy");
        EXPECT_TRUE(contains(policy, "default-src 'none'; script-src 'self'")) << path;
        EXPECT_TRUE(contains(policy, "frame-ancestors 'none'")) << path;
        EXPECT_EQ(answer->get_header_value("X-Content-Type-Options"), "nosniff") << path;
        EXPECT_EQ(answer->get_header_value("Access-Control-Allow-Origin"), "") << path;
    }
}

TEST_F(Serve, ANameThatWasBoundToLoopbackIsRefused) {
    for (const char* const host :
         {"evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "localhost.x"})
        EXPECT_EQ(get("/state", {{"Host", host}})->status, 403) << host;
    for (const char* const host : {"localhost", "localhost:9798", "127.0.0.1:1", "[::1]:9798", "127.8.0.1"})
        EXPECT_EQ(get("/state", {{"Host", host}})->status, 200) << host;
}

TEST_F(Serve, NothingCanBeChanged) {
    httplib::Client client("127.0.0.1", served_.port());
    const auto refused = client.Post("/state", "{}", "application/json");
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 405);
    EXPECT_EQ(refused->get_header_value("Allow"), "GET, HEAD");
    EXPECT_EQ(client.Delete("/")->status, 405);
    EXPECT_EQ(client.Head("/metrics")->status, 200);
}

TEST_F(Serve, ASecondOneIsToldThatThePortIsTaken) {
    const CtlRun second = run({"serve", "--listen=127.0.0.1:" + std::to_string(served_.port())});
    EXPECT_NE(second.exit_code, 0);
    EXPECT_TRUE(contains(second.err, "Address already in use")) << second.err;
}

TEST_F(Serve, WhatOthersCouldReachMustBeAskedFor) {
    const CtlRun refused = run({"serve", "--listen=0.0.0.0:0"});
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_TRUE(contains(refused.err, "--allow-remote")) << refused.err;
    for (const char* const wrong :
         {"9798", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "example.org:80", "[::1"}) {
        const CtlRun run = this->run({"serve", std::string("--listen=") + wrong});
        EXPECT_EQ(run.exit_code, 1) << wrong;
        EXPECT_TRUE(contains(run.err, wrong)) << run.err;
    }
}

}  // namespace
}  // namespace prh::test
