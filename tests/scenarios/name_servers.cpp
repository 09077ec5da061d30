#include "scenarios/name_servers.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::scenario {
namespace {

constexpr std::size_t most_servers = 200;

reply_plan plain_zone_reply() { return reply_plan(read_script("reply zone").front()); }

server_address address_of(std::size_t number) {
  return {ip_address::v4({192, 0, 2, static_cast<std::uint8_t>(number)}), 53};
}

void append_text(const script_line& line, std::string& out) {
  for (const script_line& below : line.below) {
    out += below.text + '\n';
    for (const script_line& deeper : below.below) {
      out += ' ' + deeper.text + '\n';
      append_text(deeper, out);
    }
  }
}

}  // namespace

name_servers::name_servers(world& in) : world_(in), zone_reply_(plain_zone_reply()) {
  script_line empty;
  set_zone(empty);
  set_count(1);
}

void name_servers::set_count(std::size_t count) {
  if (count > most_servers) throw script_error(0, "too many servers");
  while (servers_.size() < count) servers_.push_back({name_server::at(address_of(servers_.size() + 1)), {}});
  servers_.resize(count);
}

void name_servers::set_properties(const script_line& line) {
  line.only({"domain"});
  line.only_words(2, {"tls", "opportunistic", "trusts-ad", "spare", "file"});
  const std::size_t number = number_from(line, line.word(1));
  server& of = servers_[number - 1];
  if (line.has_word("tls") || line.has_word("opportunistic")) {
    server_address at = address_of(number);
    at.port = 853;
    tls_options with;
    with.server_name = "dns.example.com";
    with.opportunistic = line.has_word("opportunistic");
    of.here = name_server::over_tls(at, with);
  }
  if (line.has_word("trusts-ad")) of.here.trusts_ad = true;
  if (const auto domain = line.find("domain")) of.domain = name_from(line, *domain);
  of.is_spare = line.has_word("spare");
  of.is_file = line.has_word("file");
  if (of.is_file) of.here.label = "file:" + std::to_string(number);
}

void name_servers::set_zone(const script_line& line) {
  line.only({});
  std::string text;
  append_text(line, text);
  const bool has_soa = text.find(" SOA ") != text.npos;
  const std::string begin = "$ORIGIN example.com.\n$TTL 60\n";
  auto read = zone::parse(begin + (has_soa ? "" : "@ SOA ns h 1 3600 600 86400 60\n") + text);
  if (!read) line.fail("zone: " + read.error().message);
  zone_ = std::make_shared<const zone>(std::move(*read));
}

std::vector<server_set> name_servers::sets(const std::vector<std::size_t>& of) const {
  std::vector<server_set> out{{name(), {}}};
  const auto add = [&](const server& s) {
    auto set = std::ranges::find(out, s.domain, &server_set::domain);
    if (set == out.end()) set = out.insert(out.end(), {s.domain, {}});
    set->servers.push_back(s.here);
    if (s.is_file) set->servers.back().file = zone_;
  };
  for (const std::size_t number : of) add(servers_[number - 1]);
  if (of.empty()) {
    for (const server& s : servers_) {
      if (!s.is_spare) add(s);
    }
  }
  return out;
}

std::size_t name_servers::number_of(const name_server& here) const { return here.address.address.octets()[3]; }

std::size_t name_servers::number_from(const script_line& line, std::string_view word) const {
  const auto number = range_from(line, word);
  if (number.low < 1 || number.low > static_cast<std::int64_t>(servers_.size())) line.fail("no such server");
  return static_cast<std::size_t>(number.low);
}

std::vector<server_action> name_servers::on_query(const sent_query& query) {
  switch (state_of(query.server)) {
    case state::up: break;
    case state::down:
      return {{server_action::kind::error, make_error_code(boost::system::errc::connection_refused), {}}};
    case state::silent: return {};
  }
  if (const auto* actions = rules_.for_query(query)) return *actions;
  return {{server_action::kind::reply, {}, zone_reply_}};
}

error_code name_servers::on_opening(std::size_t number, bool is_udp) {
  sent_query like;
  like.at = world_.now();
  like.server = number;
  like.is_udp = is_udp;
  return rules_.for_opening(like);
}

std::optional<server_action> name_servers::on_connecting(std::size_t number) {
  sent_query like;
  like.at = world_.now();
  like.server = number;
  like.is_udp = false;
  switch (state_of(number)) {
    case state::up: return rules_.for_connecting(like);
    case state::down: return server_action{server_action::kind::refuse, {}, {}};
    case state::silent: return server_action{server_action::kind::silent, {}, {}};
  }
  return std::nullopt;
}

}  // namespace sdconnect::scenario
