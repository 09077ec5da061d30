// Interprets any octets as a client that asks a proxy for a URL, and as the backend's response.
// Beast's parser is the backend and the client: the backend sees one request, and the client sees
// the response that the backend sent.
#include "fuzz/pieces.hpp"
#include "helper/protocol/http_forwarding.hpp"
#include "helper/protocol/proxy_handshake.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::helper;
using sdconnect::fuzz::require;
namespace http = boost::beast::http;

namespace {

constexpr std::string_view between = "\n~~\n";  // the client's octets and the backend's

struct seen {
  std::string by_backend, by_client;
  bool client_failed = false, backend_failed = false, request_is_done = false, is_raw = false, is_switched = false;

  friend bool operator==(const seen&, const seen&) = default;
};

/// Nothing if the proxy does not forward the request.
std::optional<seen> run(const std::vector<std::string_view>& client, const std::vector<std::string_view>& backend) {
  proxy_handshake handshake({});
  std::optional<http_forwarding> forwarding;
  seen out;
  for (const std::string_view piece : client) {
    if (forwarding) {
      out.by_backend += forwarding->put_client(piece);
      continue;
    }
    handshake.put(piece);
    if (handshake.state() == handshake_state::reading) continue;
    if (handshake.state() == handshake_state::ended || handshake.http() == nullptr ||
        handshake.http()->kind() != http_request_kind::forward)
      return {};
    forwarding.emplace(*handshake.http());
    out.by_backend = forwarding->take_beginning();
  }
  if (!forwarding) return {};
  for (const std::string_view piece : backend) out.by_client += forwarding->put_backend(piece);
  out.client_failed = forwarding->client_failed();
  out.backend_failed = forwarding->backend_failed();
  out.request_is_done = forwarding->request_is_done();
  out.is_raw = forwarding->response_is_raw();
  out.is_switched = forwarding->request_is_raw();
  return out;
}

template <class Parser>
std::size_t feed(Parser& parser, std::string_view octets, boost::beast::error_code& ec) {
  parser.header_limit(1 << 20);
  parser.eager(true);
  std::size_t used = 0;
  while (used < octets.size() && !parser.is_done() && !ec) {
    const std::size_t more = parser.put(boost::asio::buffer(octets.data() + used, octets.size() - used), ec);
    used += more;
    if (more == 0) break;
  }
  return used;
}

void require_one_request(const seen& all) {
  head_scanner scanner;
  require(scanner.scan(all.by_backend) == head_scanner::state::complete || all.by_backend.size() > http_head::max_size,
          "the backend receives a head");
  http::request_parser<http::string_body> backend;
  boost::beast::error_code ec;
  const std::size_t used = feed(backend, all.by_backend, ec);
  if (ec && ec != http::error::need_more) return;  // Beast is stricter about targets
  if (backend.is_done()) {
    require(used == all.by_backend.size(), "the backend receives nothing behind the request");
    require(all.request_is_done, "the end of the request is known");
  } else {
    require(!all.request_is_done, "the request does not end before the backend sees its end");
  }
  if (!backend.is_header_done()) return;
  const auto& head = backend.get();
  require(head.target().starts_with("/") || head.target() == "*", "origin form");
  require(head.count(http::field::host) == 1, "one Host");
  require(head.count(http::field::content_length) + head.count(http::field::transfer_encoding) <= 1, "one framing");
  require(head.count(http::field::connection) == 1, "one Connection");
  for (const char* hop : {"proxy-connection", "proxy-authorization", "keep-alive", "te"})
    require(head.count(hop) == 0, "no field of the client's connection");
}

/// Of a response as a client reads it. Nothing if it is malformed, or if its head has not come.
struct response {
  unsigned status = 0;
  std::string body;
  bool is_done = false;
  bool keeps_alive = false;
};

std::optional<response> read_response(std::string_view octets) {
  for (;;) {
    http::response_parser<http::string_body> parser;
    boost::beast::error_code ec;
    const std::size_t used = feed(parser, octets, ec);
    if ((ec && ec != http::error::need_more) || !parser.is_header_done()) return {};
    octets.remove_prefix(used);
    const auto& head = parser.get();
    // The proxy resolves this by RFC 9112 §6.3, Beast does not.
    if (head.count(http::field::transfer_encoding) > 0 && head.count(http::field::content_length) > 0) return {};
    const unsigned status = head.result_int();
    if (status / 100 != 1) return response{status, head.body(), parser.is_done(), parser.keep_alive()};
    if (status == 101 || octets.empty()) return {};
  }
}

void require_same_response(std::string_view sent, const seen& all) {
  const std::optional<response> expected = read_response(sent);
  if (all.is_switched || all.backend_failed || !expected) return;
  if (!all.is_raw) return;
  const std::optional<response> received = read_response(all.by_client);
  require(received.has_value(), "the client can read what it receives");
  require(received->status == expected->status, "the same status");
  require(received->body == expected->body && received->is_done == expected->is_done, "the same body");
  require(!received->keeps_alive, "the connection ends");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::cut_input input({data, size});
  const std::size_t end = std::min(input.content.find(between), input.content.size());
  const std::string_view client = input.content.substr(0, end);
  const std::string_view backend = input.content.substr(std::min(end + between.size(), input.content.size()));

  const std::optional<seen> whole = run({client}, {backend});
  require(run(input.pieces_of(client), input.pieces_of(backend)) == whole, "pieces make no difference");
  if (!whole) return 0;
  require_one_request(*whole);
  require_same_response(backend, *whole);
  return 0;
}
