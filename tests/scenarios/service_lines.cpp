#include "scenarios/service_lines.hpp"

#include "scenarios/values.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace sdconnect::scenario {
namespace {

std::string kind_text(service_kind kind) {
  switch (kind) {
    case service_kind::none: return "none";
    case service_kind::type: return "type";
    case service_kind::instance: return "instance";
    case service_kind::address: return "address";
  }
  return {};
}

std::string endpoint_text(const endpoint& e) {
  if (e.addresses.empty()) return fmt::format("unresolved {} {} {}", text_of(e.target), e.port, text_of(e.unresolved));
  std::vector<std::string> addresses;
  for (const ip_address& a : e.addresses) addresses.push_back(a.to_text());
  std::ranges::sort(addresses);  // their order is the order in which the answers arrived
  std::string out = fmt::format("endpoint {} {} {} {}", e.priority, e.weight, text_of(e.target), e.port);
  for (const std::string& a : addresses) out += ' ' + a;
  return out;
}

std::string wanted_endpoint(const script_line& line) {
  line.only({});
  if (line.word(0) == "unresolved") {
    return fmt::format("unresolved {} {} {}", text_of(name_from(line, line.word(1))), line.word(2),
                       text_of(error_from(line, line.word(3))));
  }
  std::vector<std::string> addresses;
  for (std::size_t i = 5; i < line.words.size(); ++i) {
    const auto address = ip_address::from_text(line.words[i]);
    if (!address) line.fail("no address: " + line.words[i]);
    addresses.push_back(address->to_text());
  }
  if (addresses.empty()) line.fail("an endpoint without an address is `unresolved`");
  std::ranges::sort(addresses);
  std::string out = fmt::format("endpoint {} {} {} {}", line.word(1), line.word(2),
                                text_of(name_from(line, line.word(3))), line.word(4));
  for (const std::string& a : addresses) out += ' ' + a;
  return out;
}

std::string txt_text(const txt_record& txt) {
  std::string out;
  for (const txt_entry& e : txt.entries()) {
    if (!out.empty()) out += ',';
    out += e.key;
    if (e.value) out += fmt::format("={}", *e.value);
  }
  return out;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : " | ") + part;
  return out.empty() ? "none" : out;
}

class checker {
 public:
  checker(const outcome& seen, const std::function<std::string(std::string_view)>& number_of, const complain& failed)
      : seen_(seen), number_of_(number_of), failed_(failed) {}

  void check(const script_line& line) {
    const std::string& what = line.word(0);
    if (what == "at") return check_at(line);
    if (what == "status") return same(line, text_of(error_from(line, line.word(1))), text_of(seen_.status));
    if (what == "ttl") return check_ttl(line);
    if (what == "stale" || what == "fresh") return same(line, what, is_stale() ? "stale" : "fresh");
    if (what == "authenticated" || what == "not-authenticated") {
      return same(line, what, is_authenticated() ? "authenticated" : "not-authenticated");
    }
    if (what == "from-cache" || what == "from-server") {
      return same(line, what, is_from_cache() ? "from-cache" : "from-server");
    }
    if (what == "server") return same(line, line.word(1), number_of_(server()));
    if (seen_.answer) return check_answer(line);
    check_service(line, *seen_.found);
  }

  void check_endpoints(const std::vector<const script_line*>& lines) {
    if (lines.empty()) return;
    if (!seen_.found) lines.front()->fail("a question has no endpoints");
    const std::vector<endpoint>& endpoints = seen_.found->endpoints;
    for (std::size_t i = 0; i < std::max(lines.size(), endpoints.size()); ++i) {
      const script_line& line = *lines[std::min(i, lines.size() - 1)];
      const std::string is = i < endpoints.size() ? endpoint_text(endpoints[i]) : "no further endpoint";
      if (i >= lines.size()) {
        failed_(line, "one endpoint more: " + is);
      } else {
        same(line, wanted_endpoint(line), is);
      }
    }
  }

 private:
  void same(const script_line& line, const std::string& wanted, const std::string& is) {
    if (wanted != is) failed_(line, is);
  }
  void number(const script_line& line, std::int64_t is) {
    if (!range_from(line, line.word(1)).has(is)) failed_(line, std::to_string(is));
  }

  void check_at(const script_line& line) {
    const auto took = seen_.ended - seen_.began;
    if (!time_range_from(line, line.word(1)).has(took)) failed_(line, text_of(took));
  }
  void check_ttl(const script_line& line) {
    if (seen_.answer) return number(line, seen_.answer->ttl.count());
    if (seen_.found->endpoints.empty()) return failed_(line, "no endpoint");
    number(line, seen_.found->endpoints.front().ttl.count());
  }

  void check_answer(const script_line& line) {
    if (line.word(0) == "records") {
      const auto count = [](const auto& records) { return static_cast<std::int64_t>(records.size()); };
      return number(line, seen_.answer->data ? std::visit(count, seen_.answer->data->records) : 0);
    }
    if (line.word(0) == "failure") return same(line, line.word(1), text_of(seen_.answer->failure));
    line.fail("nothing that a question has: " + line.word(0));
  }

  void check_service(const script_line& line, const service& found) {
    const std::string& what = line.word(0);
    if (what == "kind") return same(line, line.word(1), kind_text(found.kind));
    if (what == "endpoints") return number(line, static_cast<std::int64_t>(found.endpoints.size()));
    if (what == "instances") return number(line, static_cast<std::int64_t>(found.instances.size()));
    if (what == "instance") return check_instance(line, found);
    if (what == "dropped") return number(line, static_cast<std::int64_t>(found.dropped_records));
    if (what == "no-endpoints") {
      if (!found.endpoints.empty()) failed_(line, endpoint_text(found.endpoints.front()));
      return;
    }
    if (what == "no-warnings") {
      if (!found.warnings.empty()) failed_(line, joined(found.warnings));
      return;
    }
    if (what == "warning") {
      const auto says = [&](const std::string& w) { return w.find(line.word(1)) != w.npos; };
      if (std::ranges::none_of(found.warnings, says)) failed_(line, "warnings: " + joined(found.warnings));
      return;
    }
    line.fail("nothing that a service has: " + what);
  }

  void check_instance(const script_line& line, const service& found) {
    line.only({"status", "txt", "txt-status", "ttl"});
    line.only_words(2, {"foreign", "own"});
    const name wanted = name_from(line, line.word(1));
    const auto same_name = std::ranges::find(found.instances, wanted, &service_instance::fullname);
    if (same_name == found.instances.end()) {
      std::vector<std::string> names;
      for (const service_instance& i : found.instances) names.push_back(text_of(i.fullname));
      return failed_(line, "instances: " + joined(names));
    }
    const service_instance& is = *same_name;
    const auto error = [&](std::string_view key, error_code seen) {
      const auto text = line.find(key);
      if (text && error_from(line, *text) != seen) failed_(line, fmt::format("{} {}", key, text_of(seen)));
    };
    error("status", is.status);
    error("txt-status", is.txt_status);
    if (line.has_word("foreign") != is.foreign && (line.has_word("foreign") || line.has_word("own"))) {
      failed_(line, is.foreign ? "foreign" : "not foreign");
    }
    if (const auto txt = line.find("txt"); txt && *txt != txt_text(is.txt)) failed_(line, "txt=" + txt_text(is.txt));
    if (const auto ttl = line.find("ttl"); ttl && !range_from(line, *ttl).has(is.ttl.count())) {
      failed_(line, fmt::format("ttl={}", is.ttl.count()));
    }
  }

  [[nodiscard]] bool is_stale() const { return seen_.answer ? seen_.answer->stale : seen_.found->stale; }
  [[nodiscard]] bool is_authenticated() const {
    if (seen_.found) return seen_.found->authenticated;
    return seen_.answer->data && seen_.answer->data->authenticated;
  }
  [[nodiscard]] bool is_from_cache() const {
    if (seen_.answer) return seen_.answer->from_cache;
    return std::ranges::all_of(seen_.found->queries, &query_report::from_cache);
  }
  [[nodiscard]] std::string server() const { return seen_.answer ? seen_.answer->report.server : seen_.found->server; }

  const outcome& seen_;
  const std::function<std::string(std::string_view)>& number_of_;
  const complain& failed_;
};

}  // namespace

void check_outcome(const script_line& expectation, const outcome& seen,
                   const std::function<std::string(std::string_view)>& number_of, const complain& failed) {
  checker check(seen, number_of, failed);
  std::vector<const script_line*> endpoints;
  for (const script_line& line : expectation.below) {
    const std::string& what = line.word(0);
    if (what == "endpoint" || what == "unresolved") {
      endpoints.push_back(&line);
    } else {
      if (what != "instance") line.only({});
      check.check(line);
    }
  }
  check.check_endpoints(endpoints);
}

}  // namespace sdconnect::scenario
