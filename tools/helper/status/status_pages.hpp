/// \file
/// The status page, its API and the metrics: which path gives what.
#pragma once

#include "helper/status/helper_status.hpp"
#include "net/http/http_server.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sdconnect::helper {

enum class status_action_kind : std::uint8_t {
  refresh,  ///< asks DNS anew
  eject,    ///< takes an endpoint out of use
  restore,  ///< puts an endpoint back into use
};

struct status_action {
  status_action_kind kind{};
  std::string service;     ///< as the client wrote it; refresh: empty means all
  std::string target;      ///< of the endpoint: eject, restore
  std::uint16_t port = 0;  ///< same
};

/// The running helper, as the pages see it.
class status_source {
 public:
  virtual ~status_source() = default;
  [[nodiscard]] virtual helper_status snapshot() = 0;
  /// Why the helper is not ready, for /readyz; empty if it is. Cheap: never dials or asks.
  [[nodiscard]] virtual std::string why_not_ready() = 0;
  /// Returns why the action cannot be done; empty if it was done.
  [[nodiscard]] virtual std::string perform(const status_action& action) = 0;
};

/// Answers
///
///     /, /app.js, ...                     the page, whose Content-Security-Policy admits only these files
///     /api/status                         status_json()
///     /api/events                         the same as server-sent events `status`, one each period
///     /metrics                            metrics_text()
///     /healthz                            200: the event loop runs
///     /readyz                             200 or 503
///     POST /api/refresh|eject|restore     JSON {"service":, "target":, "port":}, with `Authorization: Bearer TOKEN`
///
/// /api/ is refused to pages of other origins (Sec-Fetch-Site), whose event streams would use up
/// those of the server. Without a token, actions are refused. Uses no clock and no socket.
class status_pages {
 public:
  /// `source` must outlive the pages.
  status_pages(status_source& source, std::string token) : source_(source), token_(std::move(token)) {}

  [[nodiscard]] detail::http_reply answer(const detail::received_request& request);

  /// Number of open event streams.
  [[nodiscard]] std::size_t watchers();
  /// Sends the status to each event stream whose client has taken the previous one.
  void publish();

 private:
  [[nodiscard]] detail::http_reply reply_to(const detail::received_request& request);
  [[nodiscard]] detail::http_reply open_events();
  [[nodiscard]] detail::http_reply act(status_action_kind kind, const detail::received_request& request);

  status_source& source_;
  std::string token_;
  std::vector<detail::http_stream> streams_;
};

}  // namespace sdconnect::helper
