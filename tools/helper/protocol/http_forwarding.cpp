#include "helper/protocol/http_forwarding.hpp"

#include "net/base/ascii.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace sdconnect::helper {
namespace {

constexpr std::string_view version_prefix = "HTTP/1.";
constexpr std::size_t version_size = version_prefix.size() + 1;
constexpr unsigned switching_protocols = 101, first_final = 200;

/// "HTTP/1.1 200 OK" -> 200.
std::optional<unsigned> status_of(std::string_view line) {
  constexpr std::size_t begin = version_size + 1, end = begin + 3;
  if (line.size() < end || !line.starts_with(version_prefix) || !detail::is_digit(line[version_size - 1]) ||
      line[version_size] != ' ' || (line.size() > end && line[end] != ' '))
    return {};
  unsigned status = 0;
  for (const char c : line.substr(begin, end - begin)) {
    if (!detail::is_digit(c)) return {};
    status = status * 10 + static_cast<unsigned>(c - '0');
  }
  return status < 100 ? std::nullopt : std::optional(status);
}

}  // namespace

http_forwarding::http_forwarding(http_proxy_reader& from)
    : beginning_(from.head().to_text()),
      framing_(from.framing()),
      wants_upgrade_(from.wants_upgrade()),
      body_left_(framing_.length),
      request_is_done_(framing_.is_empty()) {
  beginning_ += body_part(from.take_early());
}

std::string http_forwarding::put_client(std::string_view octets) {
  return is_switched_ ? std::string(octets) : body_part(octets);
}

std::string http_forwarding::body_part(std::string_view octets) {
  if (request_is_done_) return {};
  if (framing_.how == body_framing::kind::length) {
    octets = octets.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, octets.size())));
    body_left_ -= octets.size();
    request_is_done_ = body_left_ == 0;
    return std::string(octets);
  }
  std::string out = chunks_.put(octets);
  request_is_done_ = chunks_.is_done();
  return out;
}

std::string http_forwarding::put_backend(std::string_view octets) {
  if (backend_failed_) return {};
  if (response_is_raw_) return std::string(octets);
  response_ += octets;
  std::string out;
  while (!response_is_raw_ && !backend_failed_) {
    const std::string head = next_response_head();
    if (head.empty()) return out;
    out += head;
  }
  return out + std::exchange(response_, {});
}

/// Returns the next complete head, interim ones included, as the client is to receive it.
std::string http_forwarding::next_response_head() {
  // A peer of another protocol may never send the end of a head.
  const std::size_t known = std::min(version_prefix.size(), response_.size());
  const head_scanner::state found = scanner_.scan(response_);
  if (response_.compare(0, known, version_prefix, 0, known) != 0 ||
      (found != head_scanner::state::complete && found != head_scanner::state::incomplete)) {
    backend_failed_ = true;
    return {};
  }
  if (found == head_scanner::state::incomplete) return {};
  std::optional<http_head> head = parse_head(std::string_view(response_).substr(0, scanner_.size()));
  const std::optional<unsigned> status = head ? status_of(head->start_line) : std::nullopt;
  response_.erase(0, scanner_.size());
  scanner_ = {};
  if (!status || (*status == switching_protocols && !wants_upgrade_) || !clear_response_framing(*head)) {
    backend_failed_ = true;
    return {};
  }
  is_switched_ = *status == switching_protocols;
  response_is_raw_ = is_switched_ || *status >= first_final;
  if (*status >= first_final) {
    head->remove_hop_by_hop();
    head->fields.push_back({"Connection", "close"});
  }
  head->fields.push_back(via_field(std::string_view(head->start_line).substr(0, version_size)));
  return head->to_text();
}

}  // namespace sdconnect::helper
