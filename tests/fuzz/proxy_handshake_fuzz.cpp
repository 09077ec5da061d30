// Interprets any octets as a client of a proxy, in pieces of any size: pieces make no difference,
// nobody passes without the password, and what a client sends changes no reply but its own fields.
#include "fuzz/pieces.hpp"
#include "helper/protocol/own_page.hpp"
#include "helper/protocol/proxy_handshake.hpp"
#include "net/base/printable.hpp"

#include <optional>
#include <string>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::helper;
using sdconnect::fuzz::require;

namespace {

struct outcome {
  handshake_state state = handshake_state::reading;
  proxy_protocol protocol = proxy_protocol::unknown;
  std::string sent, early, destination;
  refusal_kind why = refusal_kind::internal;

  friend bool operator==(const outcome&, const outcome&) = default;
};

/// A response that ends the connection, with a strict head and a body as long as it says.
void require_response(const std::string& text, bool has_body) {
  head_scanner scanner;
  require(scanner.scan(text) == head_scanner::state::complete, "a reply has a head");
  const std::optional<http_head> head = parse_head(std::string_view(text).substr(0, scanner.size()));
  require(head.has_value(), "with strict lines");
  require(head->fields.size() <= 5 && head->lists("connection", "close"), "and with its own fields only");
  const std::string* length = head->only("content-length");
  require(length != nullptr, "a reply has one length");
  require(text.size() - scanner.size() == (has_body ? std::stoul(*length) : 0), "which is that of the body");
}

void require_names(const proxy_destination& wanted) {
  require(detail::is_printable(wanted.to_text()), "a destination is printable");
  require(!wanted.host.empty(), "a destination has a host");
  for (const name& n : names_of_host(wanted.host))
    require(name::from_text(n.to_text()).value() == n, "a name is a domain name");
}

void require_reply(proxy_handshake& handshake) {
  http_proxy_reader* http = handshake.http();
  const std::string reason = handshake.reader()->destination().host;
  if (http == nullptr) return;
  require_response(http->failure_reply({.kind = refusal_kind::refused, .reason = reason, .id = reason}),
                   http->method() != "HEAD");
  if (http->kind() != http_request_kind::own) return;
  const std::string own = own_reply(*http, 1080, "pac", "id");
  require_response(own, http->method() != "HEAD");
  if (!own.starts_with("HTTP/1.1 200")) return;
  const std::string* host = http->head().only("host");
  require(host != nullptr && http->path() == "/proxy.pac" && host->ends_with(":1080"),
          "only the PAC file, on loopback");
}

outcome run(const std::vector<std::string_view>& pieces, const credentials* required) {
  proxy_handshake handshake({.required = required, .id = "id"});
  outcome out;
  for (const std::string_view piece : pieces) {
    if (handshake.state() == handshake_state::asked) out.early += piece;
    if (handshake.state() != handshake_state::reading) continue;
    const std::vector<char> copy(piece.begin(), piece.end());
    handshake.put({copy.data(), copy.size()});
    if (handshake.reader() != nullptr) out.sent += handshake.reader()->take_output();
    if (handshake.state() == handshake_state::asked) out.early = handshake.reader()->take_early();
  }
  out.state = handshake.state();
  out.protocol = handshake.protocol();
  if (out.state == handshake_state::asked) {
    require_reply(handshake);
    out.destination = handshake.reader()->destination().to_text();
    const bool is_own = handshake.http() != nullptr && handshake.http()->kind() == http_request_kind::own;
    if (!is_own) require_names(handshake.reader()->destination());
    require(required == nullptr || required->user == "user" || is_own, "nobody passes without the password");
  } else if (out.state == handshake_state::ended && handshake.reader() != nullptr) {
    out.why = handshake.reader()->why_ended().kind;
    if (handshake.http() != nullptr) require_response(out.sent, handshake.http()->method() != "HEAD");
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const credentials known{"user", "secret"};
  static const credentials unknown{"a user whom no input names", "a password that no input contains"};
  if (size == 0) return 0;
  const credentials* const required[] = {nullptr, &known, &unknown};
  const credentials* const wanted = required[data[0] % 3];
  const fuzz::cut_input input({data + 1, size - 1});
  require(run(input.pieces_of(input.content), wanted) == run({input.content}, wanted), "pieces make no difference");
  return 0;
}
