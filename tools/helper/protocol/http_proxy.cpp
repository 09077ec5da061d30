#include "helper/protocol/http_proxy.hpp"

#include "helper/protocol/base64.hpp"
#include "sdconnect/dns/name.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace sdconnect::helper {
namespace {

constexpr std::uint16_t http_port = 80;
constexpr std::string_view http_1_0 = "HTTP/1.0", http_1_1 = "HTTP/1.1";

bool consume_ignoring_case(std::string_view& text, std::string_view prefix) {
  if (!equal_ignoring_case(text.substr(0, prefix.size()), prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

std::string http_proxy_reader::success_reply(const ip_address&, std::uint16_t) const {
  return kind_ == http_request_kind::connect ? "HTTP/1.1 200 Connection established\r\n\r\n" : "";
}

std::string http_proxy_reader::failure_reply(const refusal& why) const { return http_refusal(why, method_ != "HEAD"); }

bool http_proxy_reader::read() {
  switch (scanner_.scan(received_)) {
    case head_scanner::state::incomplete: return false;
    case head_scanner::state::malformed:
      refuse(refusal_kind::bad_request, "a line does not end with CR LF");
      return false;
    case head_scanner::state::too_large:
      refuse(refusal_kind::head_too_large, "the head of the request has more than 64 KiB or 256 fields");
      return false;
    case head_scanner::state::complete: break;
  }
  std::optional<http_head> head = parse_head(std::string_view(received_).substr(0, scanner_.size()));
  received_.erase(0, scanner_.size());
  if (head) {
    head_ = *std::move(head);
    understand();
  } else {
    refuse(refusal_kind::bad_request, "not an HTTP request");
  }
  return false;
}

void http_proxy_reader::understand() {
  const std::string& line = head_.start_line;
  const std::size_t method_end = line.find(' '), target_end = line.rfind(' ');
  if (method_end == target_end) return refuse(refusal_kind::bad_request, "not an HTTP request");
  method_ = line.substr(0, method_end);
  version_ = line.substr(target_end + 1);
  const std::string target = line.substr(method_end + 1, target_end - method_end - 1);
  if (!is_token(method_) || target.empty() || target.find_first_of(" \t") != std::string::npos ||
      (version_ != http_1_0 && version_ != http_1_1))
    return refuse(refusal_kind::bad_request, "not a request of HTTP/1.0 or HTTP/1.1");
  if (head_.count("host") > 1) return refuse(refusal_kind::bad_request, "the request has more than one Host");
  const std::optional<body_framing> framing = request_framing(head_, version_ == http_1_0);
  if (!framing) return refuse(refusal_kind::bad_request, "the length of the request's body is not clear");
  framing_ = *framing;
  understand_target(target);
}

void http_proxy_reader::understand_target(std::string_view target) {
  if (target.starts_with('/') || target == "*") {
    path_ = target;
    return ask({});
  }
  if (!is_authenticated())
    return refuse(refusal_kind::not_authenticated, "this proxy wants a user name and a password");
  if (method_ == "CONNECT") return ask_for_connect(target);
  ask_for_forward(target);
}

bool http_proxy_reader::is_authenticated() const {
  if (!needs_credentials()) return true;
  const std::string* field = head_.only("proxy-authorization");
  if (field == nullptr) return false;
  std::string_view given = *field;
  if (!consume_ignoring_case(given, "basic ")) return false;
  const std::optional<std::string> decoded = base64_decoded(given);
  if (!decoded) return false;
  const std::size_t colon = decoded->find(':');
  return colon != std::string::npos &&
         accepts(std::string_view(*decoded).substr(0, colon), std::string_view(*decoded).substr(colon + 1));
}

void http_proxy_reader::ask_for_connect(std::string_view target) {
  kind_ = http_request_kind::connect;
  std::optional<proxy_destination> wanted = destination_from_text(target, {});
  if (!wanted) return refuse(refusal_kind::bad_request, "CONNECT needs HOST:PORT");
  // A body would become the first octets of the tunnel.
  if (!framing_.is_empty()) return refuse(refusal_kind::bad_request, "CONNECT has no body");
  ask(*std::move(wanted));
}

void http_proxy_reader::ask_for_forward(std::string_view target) {
  kind_ = http_request_kind::forward;
  if (!consume_ignoring_case(target, "http://"))
    return refuse(refusal_kind::bad_request, "only http:// URLs are forwarded; use CONNECT for others");
  const std::size_t authority_end = std::min(target.find_first_of("/?#"), target.size());
  const std::string_view authority = target.substr(0, authority_end);
  if (authority.find('@') != std::string_view::npos)
    return refuse(refusal_kind::bad_request, "the URL has a user name");
  std::optional<proxy_destination> wanted = destination_from_text(authority, http_port);
  if (!wanted) return refuse(refusal_kind::bad_request, "the URL has no host, or a bad port");
  std::string_view path = target.substr(authority_end);
  path = path.substr(0, path.find('#'));
  if (path.empty() && method_ == "OPTIONS")
    path_ = "*";  // RFC 9112 §3.2.4
  else
    path_ = (path.starts_with('/') ? "" : "/") + std::string(path);
  rewrite_head(authority);
  ask(*std::move(wanted));
}

/// The version stays that of the client: to a request of HTTP/1.0 no backend responds with chunks,
/// which that client could not read.
void http_proxy_reader::rewrite_head(std::string_view authority) {
  const std::string* upgrade = head_.only("upgrade");
  std::optional<http_field> kept;
  if (upgrade != nullptr && version_ == http_1_1 && head_.lists("connection", "upgrade"))
    kept = http_field{"Upgrade", *upgrade};
  wants_upgrade_ = kept.has_value();
  head_.remove_hop_by_hop();
  head_.remove("host");
  head_.remove("trailer");  // chunk_filter drops those fields
  head_.fields.insert(head_.fields.begin(), {"Host", std::string(authority)});
  if (kept) head_.fields.push_back(*std::move(kept));
  head_.fields.push_back({"Connection", wants_upgrade_ ? "Upgrade" : "close"});
  head_.fields.push_back(via_field(version_));
  head_.start_line = method_ + ' ' + path_ + ' ' + version_;
}

}  // namespace sdconnect::helper
