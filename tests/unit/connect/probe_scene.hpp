/// \file
/// One endpoint to probe, and its server.
#pragma once

#include "net/listen/tcp_server.hpp"
#include "sdconnect/connect/probe.hpp"
#include "support/scratch_folder.hpp"
#include "support/test_certificate.hpp"
#include "unit/connect/listeners.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <catch2/catch.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace sdconnect::test {

/// Answers the first octets of each connection with `reply`, if any, and then optionally closes.
class replying_server {
 public:
  replying_server(loop& l, std::string reply, bool closes = true,
                  std::optional<sdconnect::detail::tls_identity> tls = {})
      : server_(std::make_shared<sdconnect::detail::tcp_server>(
            l.io.get_executor(), std::make_shared<std::recursive_mutex>(),
            [this, reply = std::move(reply), closes] {
              return
                  [this, reply, closes](sdconnect::detail::tcp_session& session, std::vector<std::uint8_t>& received) {
                    requests.emplace_back(received.begin(), received.end());
                    received.clear();
                    if (!reply.empty()) session.send({reply.begin(), reply.end()});
                    if (closes) session.close_when_sent();
                  };
            },
            sdconnect::detail::tcp_server_options{.idle_timeout = std::chrono::hours(1), .tls = std::move(tls)})) {
    server_->open({boost::asio::ip::make_address("127.0.0.11"), 0});
    server_->start();
  }
  replying_server(const replying_server&) = delete;
  replying_server& operator=(const replying_server&) = delete;
  ~replying_server() { server_->close(); }

  [[nodiscard]] endpoint as_endpoint() const {
    return loopback_endpoint(server_->local_endpoint(), "live.example.com", 0);
  }

  std::vector<std::string> requests;

 private:
  std::shared_ptr<sdconnect::detail::tcp_server> server_;
};

struct probing {
  loop l;
  probe_options settings;
  std::chrono::milliseconds timeout = std::chrono::seconds(10);
  std::chrono::steady_clock::time_point deadline;  // of the last run
  error_code ec;
  std::optional<probe_result> seen;

  error_code run(const endpoint& e) {
    seen.reset();
    deadline = std::chrono::steady_clock::now() + timeout;
    prober(settings).async_probe(l.io.get_executor(), e, deadline, [this](error_code status, const probe_result& r) {
      ec = status;
      seen = r;
    });
    CHECK_FALSE(seen.has_value());
    l.until([this] { return seen.has_value(); });
    return ec;
  }
};

/// A CA file to trust, and identities signed by it.
struct trust {
  authority ca = make_authority();
  scratch_file ca_file{ca.certificate_pem};

  [[nodiscard]] sdconnect::detail::tls_identity identity(const std::string& alternative_name) const {
    const certificate own = make_certificate(alternative_name, -3600, 3600, &ca);
    return {.certificate_pem = own.certificate_pem, .key_pem = own.key_pem};
  }
};

}  // namespace sdconnect::test
