#include "helper/protocol/proxy_handshake.hpp"

#include "net/base/ascii.hpp"

#include <utility>

namespace sdconnect::helper {

std::string_view to_string(proxy_protocol protocol) noexcept {
  switch (protocol) {
    case proxy_protocol::unknown: return "unknown";
    case proxy_protocol::socks5: return "SOCKS5";
    case proxy_protocol::socks4: return "SOCKS4";
    case proxy_protocol::http: return "HTTP";
  }
  return "unknown";
}

void proxy_handshake::put(std::string_view octets) {
  if (octets.empty()) return;
  if (!reader_) {
    const char first = octets.front();
    if (first == socks5_reader::version) {
      protocol_ = proxy_protocol::socks5;
      reader_ = std::make_unique<socks5_reader>(std::move(options_));
    } else if (first == socks4_reader::version) {
      protocol_ = proxy_protocol::socks4;
      reader_ = std::make_unique<socks4_reader>(std::move(options_));
    } else if (detail::is_letter(first)) {
      protocol_ = proxy_protocol::http;
      reader_ = std::make_unique<http_proxy_reader>(std::move(options_));
    } else {
      is_unknown_ = true;
      return;
    }
  }
  reader_->put(octets);
}

handshake_state proxy_handshake::state() const noexcept {
  if (is_unknown_) return handshake_state::ended;
  return reader_ ? reader_->state() : handshake_state::reading;
}

}  // namespace sdconnect::helper
