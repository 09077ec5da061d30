// Sends one request and reads the response up to the end of its head; the body is not needed. With
// `over_tls` the probe sends nothing before the handshake has proved the peer's identity.
#include "connect/probe/probe_error.hpp"
#include "connect/probe/probe_kinds.hpp"
#include "net/http/http_exchange.hpp"
#include "sdconnect/dns/service_name.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::detail {
namespace {

class http_probe final : public connected_probe {
 public:
  using connected_probe::connected_probe;

 private:
  void on_connected(client_stream& stream) override {
    const probe_options& with = options();
    if (with.host.empty() && !is_host_name(where().target)) return finish(errc::bad_target);
    const http_request request{
        .host = with.host.empty() ? host_field(host_text(where().target), where().port, with.over_tls) : with.host,
        .path = with.path,
        .headers = with.headers,
        .method = with.head_only ? "HEAD" : "GET",
        .user_agent = with.user_agent};
    async_exchange(stream, request, {.on_head = [this, &stream](const http_head& head) { on_head(head, stream); }},
                   {.respond_by = deadline(), .complete_by = deadline()},
                   [self = shared_from_this(), this, &stream](const http_outcome& outcome) {
                     if (!is_pending()) return;
                     if (outcome.reached > http_outcome::stage::handshake) seen().tls_version = stream.tls_version();
                     finish(outcome.reached < http_outcome::stage::head ? answer_fault(outcome.error) : outcome.error);
                   });
  }

  void on_head(const http_head& head, const client_stream& stream) {
    if (!is_pending()) return;
    seen().tls_version = stream.tls_version();
    seen().http_status = head.status;
    const bool is_expected = std::ranges::any_of(options().expected, [&](const http_status_range& range) {
      return head.status >= range.first && head.status <= range.last;
    });
    finish(is_expected ? error_code() : unexpected_status(head.status));
  }
};

}  // namespace

std::shared_ptr<probe_operation> make_http_probe(probe_operation::task given) {
  return std::make_shared<http_probe>(std::move(given));
}

}  // namespace sdconnect::detail
