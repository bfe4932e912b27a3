// SPDX-License-Identifier: MIT
#include "monitor/web_server.h"

#include <fmt/format.h>
#include <httplib.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>

#include "monitor/metrics.h"
#include "monitor/page.h"

namespace prh::ctl {
namespace {

using httplib::Request;
using httplib::Response;

/// Answers are made in milliseconds; who sends slowly keeps one of these, and gives it back after kPatience.
constexpr std::size_t kThreads = 8;
constexpr std::chrono::seconds kPatience{5};
/// Nothing here takes a body.
constexpr std::size_t kMaximumBody = 1024;

/// Scripts and styles of this server alone, in nobody's frame.
const httplib::Headers kHeaders{
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
     "form-action 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cache-Control", "no-store"}};

void refuse(Response& response, int status, std::string_view why) {
    response.status = status;
    response.set_content(fmt::format("{}\n", why), "text/plain; charset=utf-8");
}

void answer_metrics(LiveState& live, const Request& request, Response& response) {
    const bool openmetrics =
        request.get_header_value("Accept").find("application/openmetrics-text") != std::string::npos;
    const Exposition format = openmetrics ? Exposition::OpenMetrics : Exposition::Prometheus;
    const Expected<HelperState> state = live.state();
    // A helper that is gone is no failure of this server: prhelper_up tells it.
    response.set_content(state ? render_metrics(*state, format) : render_metrics_of_absent(format),
                         std::string(content_type(format)));
}

void answer_state(LiveState& live, Response& response) {
    constexpr char kType[] = "application/json";
    if (const Expected<std::string> json = live.json()) {
        response.set_content(*json, kType);
        return;
    } else {
        response.status = 503;
        response.set_content(nlohmann::json{{"error", json.error().message}}.dump(
                                 -1, ' ', false, nlohmann::json::error_handler_t::replace),
                             kType);
    }
}

}  // namespace

WebServer::WebServer(LiveState& live) : live_(live), server_(std::make_unique<httplib::Server>()) {
    server_->new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server_->set_keep_alive_max_count(1);  // nobody keeps a thread between two questions
    server_->set_read_timeout(kPatience);
    server_->set_write_timeout(kPatience);
    server_->set_payload_max_length(kMaximumBody);
    server_->set_default_headers(kHeaders);
    // Not SO_REUSEPORT, which is the default there: two of these would share the port, and nobody be told.
    server_->set_socket_options([](int socket) {
        const int yes = 1;
        ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    server_->set_pre_routing_handler([this](const Request& request, Response& response) {
        using Handled = httplib::Server::HandlerResponse;
        if (!any_host_ && !names_loopback(request.get_header_value("Host"))) {
            refuse(response, 403, "This server answers to the names of this machine's loopback only.");
            return Handled::Handled;
        }
        if (request.method != "GET" && request.method != "HEAD") {
            response.set_header("Allow", "GET, HEAD");
            refuse(response, 405, "Nothing can be changed here.");
            return Handled::Handled;
        }
        return Handled::Unhandled;
    });
    server_->set_error_handler([](const Request&, Response& response) {
        if (response.body.empty())
            refuse(response, response.status, "There is /, /metrics and /state, and nothing else.");
    });
    const auto page = [this](const char* path, std::string_view text, const char* type) {
        server_->Get(path, [text, type](const Request&, Response& response) {
            response.set_content(text.data(), text.size(), type);
        });
    };
    page("/", page::kHtml, "text/html; charset=utf-8");
    page("/page\\.css", page::kStyle, "text/css; charset=utf-8");
    page("/page\\.js", page::kScript, "text/javascript; charset=utf-8");
    server_->Get("/metrics", [this](const Request& request, Response& response) {
        answer_metrics(live_, request, response);
    });
    server_->Get("/state", [this](const Request&, Response& response) { answer_state(live_, response); });
}

WebServer::~WebServer() = default;

Expected<int> WebServer::bind(const ListenAddress& address) {
    any_host_ = !address.loopback;
    errno = 0;
    const int port = address.port == 0 ? server_->bind_to_any_port(address.host)
                     : server_->bind_to_port(address.host, address.port) ? address.port
                                                                         : -1;
    if (port < 0)
        return fail(exit_code_of_errno(errno),
                    fmt::format("cannot listen at {} port {}: {} (--listen=ADDRESS:PORT names another place)",
                                address.host, address.port, std::strerror(errno)));
    return port;
}

void WebServer::serve(const StopSignals& signals) {
    std::atomic<bool> ended = false;
    std::thread waiting([&] {
        while (!ended) {
            constexpr int kAgainMilliseconds = 100;
            pollfd watched{signals.descriptor().get(), POLLIN, 0};
            // What was signalled stays readable: a server that was not yet running is told again.
            if (::poll(&watched, 1, kAgainMilliseconds) > 0) {
                server_->stop();
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
            }
        }
    });
    server_->listen_after_bind();
    ended = true;
    waiting.join();
}

}  // namespace prh::ctl
