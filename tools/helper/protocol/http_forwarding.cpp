#include "helper/protocol/http_forwarding.hpp"

#include "net/base/ascii.hpp"

#include <algorithm>
#include <optional>

namespace sdconnect::helper {
namespace {

/// "HTTP/1.1 200 OK" -> 200.
std::optional<unsigned> status_of(std::string_view line) {
  constexpr std::string_view version = "HTTP/1.";
  constexpr std::size_t code_at = version.size() + 2;
  if (!line.starts_with(version) || line.size() < code_at + 3 || line[code_at - 1] != ' ') return {};
  unsigned status = 0;
  for (const char c : line.substr(code_at, 3)) {
    if (!detail::is_digit(c)) return {};
    status = status * 10 + static_cast<unsigned>(c - '0');
  }
  if (line.size() > code_at + 3 && line[code_at + 3] != ' ') return {};
  return status;
}

constexpr unsigned switching_protocols = 101, first_final = 200;

}  // namespace

std::size_t chunk_scanner::take(std::string_view octets) {
  std::size_t taken = 0;
  while (taken < octets.size() && !is_done() && !has_failed()) {
    if (next_ == part::data) {
      const auto run = static_cast<std::size_t>(std::min<std::uint64_t>(left_, octets.size() - taken));
      left_ -= run;
      taken += run;
      if (left_ == 0) next_ = part::data_cr;
    } else {
      take_one(octets[taken++]);
    }
  }
  return taken;
}

void chunk_scanner::take_one(char c) {
  const auto expect = [&](char wanted, part then) { next_ = c == wanted ? then : part::failed; };
  switch (next_) {
    case part::size: {
      const char low = static_cast<char>(c | 0x20);
      if (detail::is_digit(c) || (low >= 'a' && low <= 'f')) {
        if (++digits_ > most_digits) next_ = part::failed;
        left_ = left_ * 16 + static_cast<std::uint64_t>(detail::is_digit(c) ? c - '0' : low - 'a' + 10);
      } else if (digits_ > 0 && c == '\r') {
        next_ = part::size_lf;
      } else {
        next_ = digits_ > 0 && (c == ';' || c == ' ' || c == '\t') ? part::extension : part::failed;
      }
      return;
    }
    case part::extension:
      if (c == '\r')
        next_ = part::size_lf;
      else if (c == '\n' || c == '\0' || ++line_octets_ > max_line_octets)
        next_ = part::failed;
      return;
    case part::size_lf:
      if (c == '\n')
        end_size();
      else
        next_ = part::failed;
      return;
    case part::data_cr: return expect('\r', part::data_lf);
    case part::data_lf: return expect('\n', part::size);
    case part::trailer:
      if (c == '\r')
        next_ = part::trailer_lf;
      else if (c == '\n' || c == '\0' || ++line_octets_ > max_line_octets)
        next_ = part::failed;
      else
        line_is_empty_ = false;
      return;
    case part::trailer_lf:
      expect('\n', line_is_empty_ ? part::done : part::trailer);
      line_is_empty_ = true;
      return;
    case part::data:
    case part::done:
    case part::failed: return;
  }
}

void chunk_scanner::end_size() {
  digits_ = 0;
  next_ = left_ == 0 ? part::trailer : part::data;
}

http_forwarding::http_forwarding(http_proxy_reader& from)
    : head_(from.head().to_text()),
      framing_(from.framing()),
      left_(framing_.length),
      wants_upgrade_(from.wants_upgrade()),
      request_is_done_(framing_.how == body_framing::kind::none ||
                       (framing_.how == body_framing::kind::length && framing_.length == 0)) {}

std::string http_forwarding::put_client(std::string_view octets) {
  if (is_switched_) return std::string(octets);
  if (request_is_done_ || chunks_.has_failed()) return {};
  if (framing_.how == body_framing::kind::length) {
    octets = octets.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, octets.size())));
    left_ -= octets.size();
    request_is_done_ = left_ == 0;
    return std::string(octets);
  }
  const std::size_t taken = chunks_.take(octets);
  request_is_done_ = chunks_.is_done();
  if (chunks_.has_failed()) return {};
  return std::string(octets.substr(0, taken));
}

std::string http_forwarding::put_backend(std::string_view octets) {
  if (backend_failed_) return {};
  if (has_response_ || is_switched_) return std::string(octets);
  response_ += octets;
  std::string out;
  while (!has_response_ && !is_switched_ && !backend_failed_) {
    std::string head = next_response_head();
    if (head.empty()) break;
    out += head;
  }
  if (has_response_ || is_switched_) out += std::exchange(response_, {});
  return out;
}

// Returns the next complete head, 1xx included, as the client is to receive it.
std::string http_forwarding::next_response_head() {
  const std::size_t size = head_size(response_);
  if (size == std::string::npos) {
    constexpr std::string_view begin = "HTTP/1.";
    const std::size_t common = std::min(begin.size(), response_.size());
    backend_failed_ = response_.size() > http_head::max_size || response_.substr(0, common) != begin.substr(0, common);
    return {};
  }
  std::optional<http_head> head = parse_head(std::string_view(response_).substr(0, size));
  const std::optional<unsigned> status = head ? status_of(head->start_line) : std::nullopt;
  response_.erase(0, size);
  if (!status || (*status == switching_protocols && !wants_upgrade_)) {
    backend_failed_ = true;
    return {};
  }
  is_switched_ = *status == switching_protocols;
  if (*status < first_final) return head->to_text();
  has_response_ = true;
  for (const char* field : {"connection", "proxy-connection", "keep-alive"}) head->remove(field);
  head->fields.push_back({"Connection", "close"});
  return head->to_text();
}

}  // namespace sdconnect::helper
