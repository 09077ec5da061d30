#include "helper/protocol/socks.hpp"

#include <array>

namespace sdconnect::helper {
namespace {

constexpr std::uint8_t no_authentication = 0, user_and_password = 2, no_acceptable_method = 0xFF;
constexpr std::uint8_t command_connect = 1;
constexpr std::uint8_t type_v4 = 1, type_name = 3, type_v6 = 4;
constexpr std::uint8_t socks4_granted = 0x5A, socks4_refused = 0x5B;
constexpr std::size_t longest_text = 255;  // as in SOCKS5; SOCKS4 has no limit of its own

std::string octets(std::initializer_list<std::uint8_t> values) {
  std::string out;
  for (const std::uint8_t v : values) out += static_cast<char>(v);
  return out;
}

std::uint8_t at(std::string_view text, std::size_t i) noexcept { return static_cast<std::uint8_t>(text[i]); }

std::uint16_t port_at(std::string_view text, std::size_t i) noexcept {
  return static_cast<std::uint16_t>(at(text, i) << 8U | at(text, i + 1));
}

ip_address v4_at(std::string_view text, std::size_t i) noexcept {
  return ip_address::v4({at(text, i), at(text, i + 1), at(text, i + 2), at(text, i + 3)});
}

ip_address v6_at(std::string_view text, std::size_t i) noexcept {
  std::array<std::uint8_t, 16> value{};
  for (std::size_t k = 0; k < value.size(); ++k) value[k] = at(text, i + k);
  return ip_address::v6(value);
}

std::string with_port(std::string out, std::uint16_t port) {
  return out + octets({static_cast<std::uint8_t>(port >> 8U), static_cast<std::uint8_t>(port & 0xFFU)});
}

std::string socks5_reply(std::uint8_t code, const ip_address& bound, std::uint16_t port) {
  std::string out = octets({socks5_reader::version, code, 0, bound.is_v4() ? type_v4 : type_v6});
  for (const std::uint8_t o : bound.octets()) out += static_cast<char>(o);
  return with_port(std::move(out), port);
}

std::string socks4_reply(std::uint8_t code) { return octets({0, code, 0, 0, 0, 0, 0, 0}); }

}  // namespace

std::string socks5_reader::success_reply(const ip_address& bound, std::uint16_t port) const {
  return socks5_reply(0, bound, port);
}

std::string socks5_reader::failure_reply(const refusal& why) const {
  return socks5_reply(socks5_code(why.kind), ip_address(), 0);
}

bool socks5_reader::read() {
  switch (next_) {
    case part::methods: return read_methods();
    case part::password: return read_password();
    case part::request: return read_request();
  }
  return false;
}

bool socks5_reader::read_methods() {
  if (received_.size() < 2) return false;
  const std::size_t count = at(received_, 1);
  if (received_.size() < 2 + count) return false;
  const std::string methods = received_.substr(2, count);
  received_.erase(0, 2 + count);
  const std::uint8_t wanted = needs_credentials() ? user_and_password : no_authentication;
  if (methods.find(static_cast<char>(wanted)) == std::string::npos) {
    end(octets({version, no_acceptable_method}));
    return false;
  }
  output_ += octets({version, wanted});
  next_ = needs_credentials() ? part::password : part::request;
  return true;
}

bool socks5_reader::read_password() {
  constexpr std::uint8_t subnegotiation = 1;
  if (received_.size() < 2) return false;
  const std::size_t user_size = at(received_, 1);
  if (received_.size() < user_size + 3) return false;
  const std::size_t password_size = at(received_, user_size + 2);
  if (received_.size() < user_size + password_size + 3) return false;
  const std::string user = received_.substr(2, user_size), password = received_.substr(user_size + 3, password_size);
  const bool is_good = at(received_, 0) == subnegotiation && accepts(user, password);
  received_.erase(0, user_size + password_size + 3);
  if (!is_good) {
    end(octets({subnegotiation, 1}));
    return false;
  }
  output_ += octets({subnegotiation, 0});
  next_ = part::request;
  return true;
}

bool socks5_reader::read_request() {
  constexpr std::size_t fixed = 4, port_size = 2;
  if (received_.size() < fixed + 1) return false;
  if (at(received_, 0) != version) {
    end({});
    return false;
  }
  const std::uint8_t type = at(received_, 3);
  const bool has_name = type == type_name;
  const std::size_t size = type == type_v4 ? 4 : type == type_v6 ? 16 : has_name ? at(received_, fixed) : 0;
  if (type != type_v4 && type != type_v6 && !has_name) {
    end(failure_reply({.kind = refusal_kind::unsupported_address}));
    return false;
  }
  const std::size_t begin = fixed + (has_name ? 1 : 0);
  if (received_.size() < begin + size + port_size) return false;
  const std::uint8_t command = at(received_, 1);
  proxy_destination wanted{.host = type == type_v4   ? v4_at(received_, begin).to_text()
                                   : type == type_v6 ? v6_at(received_, begin).to_text()
                                                     : received_.substr(begin, size),
                           .port = port_at(received_, begin + size)};
  received_.erase(0, begin + size + port_size);
  if (command != command_connect)
    end(failure_reply({.kind = refusal_kind::unsupported_command}));
  else if (size == 0)
    end(failure_reply({.kind = refusal_kind::bad_request}));
  else
    ask(std::move(wanted));
  return false;
}

std::string socks4_reader::success_reply(const ip_address&, std::uint16_t) const {
  return socks4_reply(socks4_granted);
}

std::string socks4_reader::failure_reply(const refusal&) const { return socks4_reply(socks4_refused); }

bool socks4_reader::read() {
  constexpr std::size_t fixed = 8;
  if (received_.size() < fixed) return false;
  const std::size_t user_end = received_.find('\0', fixed);
  const bool has_user = user_end != std::string::npos;
  if ((has_user ? user_end : received_.size()) - fixed > longest_text) {
    end(socks4_reply(socks4_refused));
    return false;
  }
  if (!has_user) return false;
  const ip_address address = v4_at(received_, 4);
  // SOCKS4a: 0.0.0.x, x not 0, means that a host name follows.
  const bool has_name = received_.substr(4, 3) == std::string(3, '\0') && received_[7] != '\0';
  std::size_t request_end = user_end + 1;
  proxy_destination wanted{.host = address.to_text(), .port = port_at(received_, 2)};
  if (has_name) {
    const std::size_t name_end = received_.find('\0', request_end);
    const bool has_end = name_end != std::string::npos;
    if ((has_end ? name_end : received_.size()) - request_end > longest_text) {
      end(socks4_reply(socks4_refused));
      return false;
    }
    if (!has_end) return false;
    wanted.host = received_.substr(request_end, name_end - request_end);
    request_end = name_end + 1;
  }
  const bool is_good = at(received_, 1) == command_connect && !wanted.host.empty() && !needs_credentials();
  received_.erase(0, request_end);
  if (is_good)
    ask(std::move(wanted));
  else
    end(socks4_reply(socks4_refused));
  return false;
}

}  // namespace sdconnect::helper
