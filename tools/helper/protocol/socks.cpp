#include "helper/protocol/socks.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace sdconnect::helper {
namespace {

constexpr char no_authentication = 0, user_and_password = 2, no_acceptable_method = '\xff';
constexpr char command_connect = 1;
constexpr char type_v4 = 1, type_name = 3, type_v6 = 4;
constexpr char succeeded = 0;
constexpr char socks4_granted = 0x5a, socks4_refused = 0x5b;
constexpr std::size_t longest_text = 255;  // as in SOCKS5; SOCKS4 has no limit of its own

std::string octets(std::initializer_list<char> values) { return {values}; }

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

std::string socks5_reply(char code, const ip_address& bound, std::uint16_t port) {
  std::string out = octets({socks5_reader::version, code, 0, bound.is_v4() ? type_v4 : type_v6});
  for (const std::uint8_t o : bound.octets()) out += static_cast<char>(o);
  return out + octets({static_cast<char>(port >> 8U), static_cast<char>(port & 0xffU)});
}

std::string socks4_reply(char code) { return octets({0, code, 0, 0, 0, 0, 0, 0}); }

}  // namespace

std::string socks5_reader::success_reply(const ip_address& bound, std::uint16_t port) const {
  return socks5_reply(succeeded, bound, port);
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
  const std::size_t end = 2 + at(received_, 1);
  if (received_.size() < end) return false;
  const std::string_view offered = std::string_view(received_).substr(2, end - 2);
  const auto is_offered = [&](char method) { return offered.find(method) != std::string_view::npos; };
  // A client that only offers a user name and a password gives them to a proxy that wants none, too.
  const bool takes_none = !needs_credentials() && is_offered(no_authentication);
  const bool takes_password = !takes_none && is_offered(user_and_password);
  received_.erase(0, end);
  if (!takes_none && !takes_password) {
    end_with(octets({version, no_acceptable_method}), refusal_kind::not_authenticated,
             needs_credentials() ? "the client offers no user name and password"
                                 : "the client offers no method of authentication that this proxy has");
    return false;
  }
  output_ += octets({version, takes_none ? no_authentication : user_and_password});
  next_ = takes_none ? part::request : part::password;
  return true;
}

bool socks5_reader::read_password() {
  constexpr char subnegotiation = 1, good = 0, bad = 1;
  const std::size_t user = 2;
  if (received_.size() < user) return false;
  const std::size_t user_end = user + at(received_, 1);
  if (received_.size() <= user_end) return false;
  const std::size_t password = user_end + 1, password_end = password + at(received_, user_end);
  if (received_.size() < password_end) return false;
  const std::string_view all = received_;
  const bool is_good = all[0] == subnegotiation &&
                       accepts(all.substr(user, user_end - user), all.substr(password, password_end - password));
  received_.erase(0, password_end);
  if (!is_good) {
    end_with(octets({subnegotiation, bad}), refusal_kind::not_authenticated, "wrong user name or password");
    return false;
  }
  output_ += octets({subnegotiation, good});
  next_ = part::request;
  return true;
}

bool socks5_reader::read_request() {
  constexpr std::size_t type_at = 3, address_at = 4, port_size = 2;
  if (received_.size() <= address_at) return false;  // with the length of a name
  if (received_[0] != version) {
    end_with({}, refusal_kind::bad_request, "not a request of SOCKS5");
    return false;
  }
  std::size_t begin = address_at, size = 0;
  const char type = received_[type_at];
  switch (type) {
    case type_v4: size = 4; break;
    case type_v6: size = 16; break;
    case type_name: size = at(received_, begin++); break;
    default: refuse(refusal_kind::unsupported_address, "an unknown type of address"); return false;
  }
  const std::size_t end = begin + size + port_size;
  if (received_.size() < end) return false;
  const bool is_connect = received_[1] == command_connect;
  proxy_destination wanted{.host = type == type_v4   ? v4_at(received_, begin).to_text()
                                   : type == type_v6 ? v6_at(received_, begin).to_text()
                                                     : received_.substr(begin, size),
                           .port = port_at(received_, begin + size)};
  received_.erase(0, end);
  if (!is_connect)
    refuse(refusal_kind::unsupported_command, "only CONNECT is supported");
  else if (wanted.host.empty())
    refuse(refusal_kind::bad_request, "an empty host name");
  else
    ask(std::move(wanted));
  return false;
}

std::string socks4_reader::success_reply(const ip_address&, std::uint16_t) const {
  return socks4_reply(socks4_granted);
}

std::string socks4_reader::failure_reply(const refusal&) const { return socks4_reply(socks4_refused); }

std::optional<std::size_t> socks4_reader::end_of_text(std::size_t begin) {
  const std::size_t end = std::min(received_.find('\0', begin), received_.size());
  if (end - begin > longest_text) {
    refuse(refusal_kind::bad_request, "a text of more than 255 octets");
    return {};
  }
  return end < received_.size() ? std::optional(end) : std::nullopt;
}

bool socks4_reader::read() {
  constexpr std::size_t port_begin = 2, address_begin = 4, user_begin = 8;
  if (received_.size() < user_begin) return false;
  const std::optional<std::size_t> user_end = end_of_text(user_begin);
  if (!user_end) return false;
  std::size_t end = *user_end + 1;
  proxy_destination wanted{.host = v4_at(received_, address_begin).to_text(), .port = port_at(received_, port_begin)};
  // SOCKS4a: 0.0.0.x with x not 0 means that a host name follows.
  if (wanted.host.starts_with("0.0.0.") && wanted.host != "0.0.0.0") {
    const std::optional<std::size_t> name_end = end_of_text(end);
    if (!name_end) return false;
    wanted.host = received_.substr(end, *name_end - end);
    end = *name_end + 1;
  }
  const bool is_connect = received_[1] == command_connect;
  received_.erase(0, end);
  if (!is_connect)
    refuse(refusal_kind::unsupported_command, "only CONNECT is supported");
  else if (needs_credentials())
    refuse(refusal_kind::not_authenticated, "SOCKS4 has no password");
  else if (wanted.host.empty())
    refuse(refusal_kind::bad_request, "an empty host name");
  else
    ask(std::move(wanted));
  return false;
}

}  // namespace sdconnect::helper
