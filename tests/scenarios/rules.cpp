#include "scenarios/rules.hpp"

#include "support/reply_to.hpp"

#include <algorithm>

namespace sdconnect::scenario {
namespace {

using action_kind = server_action::kind;

server_action action_from(const script_line& line) {
  if (!line.words.empty() && line.words[0] == "reply") return {action_kind::reply, {}, reply_plan(line)};
  if (!line.below.empty()) line.below.front().fail("nothing belongs below this line");
  if (line.words.empty()) {
    line.only({"error", "send-error", "open-error"});
    if (line.options.size() != 1) line.fail("one error is needed");
    const auto& [key, value] = line.options[0];
    return {key == "error"        ? action_kind::error
            : key == "send-error" ? action_kind::send_error
                                  : action_kind::open_error,
            error_from(line, value),
            {}};
  }
  line.only({});
  line.only_words(1, {});
  const std::string& word = line.words[0];
  if (word == "drop") return {action_kind::drop, {}, {}};
  if (word == "refuse") return {action_kind::refuse, {}, {}};
  if (word == "silent") return {action_kind::silent, {}, {}};
  if (word == "open-then-close") return {action_kind::open_then_close, {}, {}};
  line.fail("unknown action: " + word);
}

bool is_about_connecting(action_kind what) noexcept {
  return what == action_kind::refuse || what == action_kind::silent || what == action_kind::open_then_close;
}

}  // namespace

sent_query query_of(std::span<const std::uint8_t> message) {
  sent_query out;
  const auto bytes = test::qname_of(message).bytes;
  out.asked = {name::from_wire(bytes).value(), test::type_of(message)};
  out.has_edns = test::has_edns(message);
  return out;
}

query_filter::query_filter(const script_line& line, std::size_t first_word) {
  for (std::size_t i = first_word; i < line.words.size(); ++i) {
    const std::string& word = line.words[i];
    if (word == "udp") is_udp_ = true;
    if (word == "tcp") is_udp_ = false;
    if (word == "edns") edns_ = true;
    if (word == "no-edns") edns_ = false;
  }
  line.only_words(first_word, {"udp", "tcp", "any", "edns", "no-edns"});
  if (line.find("server")) server_ = static_cast<std::size_t>(line.number_of("server", 1));
  if (const auto type = line.find("type")) type_ = type_from(line, *type);
  if (const auto wanted = line.find("name")) name_ = name_from(line, *wanted);
  from_ = line.duration("from", from_);
  to_ = line.duration("to", to_);
}

bool query_filter::fits(const sent_query& query) const {
  return (!is_udp_ || *is_udp_ == query.is_udp) && (!edns_ || *edns_ == query.has_edns) &&
         (!server_ || *server_ == query.server) && (!type_ || *type_ == query.asked.type) &&
         (!name_ || *name_ == query.asked.qname) && from_ <= query.at && query.at < to_;
}

void rules::add(const script_line& line) {
  line.only({"server", "type", "name", "from", "to", "nth"});
  if (line.below.empty()) line.fail("a rule without anything to do");
  rule made;
  const bool connects = line.words.size() > 1 && line.words[1] == "connect";
  made.filter = query_filter(line, connects ? 2 : 1);
  if (const auto nth = line.find("nth")) made.nth = ordinals_from(line, *nth);
  for (const script_line& below : line.below) made.actions.push_back(action_from(below));
  const auto is_opening = [](const server_action& a) { return a.what == action_kind::open_error; };
  if (connects) made.about = subject::connecting;
  if (std::ranges::any_of(made.actions, is_opening)) made.about = subject::opening;
  if (made.about != subject::query && (made.actions.size() != 1 || made.filter.is_about_questions())) {
    line.fail("no question is known yet, and one thing can happen");
  }
  for (const server_action& a : made.actions) {
    if (connects != is_about_connecting(a.what)) line.fail("this cannot happen here");
  }
  made.line = line;
  rules_.push_back(std::move(made));
}

// Every rule counts the queries that match it, even if an earlier rule applies.
const rules::rule* rules::first_that_fits(subject about, const sent_query& query) {
  rule* first = nullptr;
  for (rule& r : rules_) {
    if (r.about != about || !r.filter.fits(query)) continue;
    ++r.seen;
    if (first == nullptr && r.nth.has(r.seen)) first = &r;
  }
  if (first != nullptr) first->was_followed = true;
  return first;
}

const std::vector<server_action>* rules::for_query(const sent_query& query) {
  const rule* const found = first_that_fits(subject::query, query);
  return found == nullptr ? nullptr : &found->actions;
}

error_code rules::for_opening(const sent_query& like) {
  const rule* const found = first_that_fits(subject::opening, like);
  return found == nullptr ? error_code() : found->actions.front().ec;
}

std::optional<server_action> rules::for_connecting(const sent_query& like) {
  const rule* const found = first_that_fits(subject::connecting, like);
  return found == nullptr ? std::nullopt : std::optional(found->actions.front());
}

std::vector<script_line> rules::idle() const {
  std::vector<script_line> out;
  for (const rule& r : rules_) {
    if (!r.was_followed) out.push_back(r.line);
  }
  return out;
}

}  // namespace sdconnect::scenario
