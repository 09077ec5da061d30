#include "sd-connect/options/interpret_service.hpp"

#include "program/report.hpp"
#include "program/value_text.hpp"
#include "sdconnect/dns/service_name.hpp"

#include <algorithm>
#include <optional>

namespace sdconnect::cli {
namespace {

const setting* find(const settings& flags, std::string_view name) {
  const auto found = flags.find(name);
  return found == flags.end() ? nullptr : &found->second.back();
}

std::string hint_of(error_code ec) {
  if (ec == errc::bad_escape)
    return "a backslash is followed by a character or by three digits, like \\032 for a space";
  if (ec == errc::label_too_long) return "a part between two dots has at most 63 octets";
  return "a domain name like _http._tcp.example.com";
}

[[noreturn]] void refuse(error_code ec, std::string_view argument, std::string_view text) {
  throw fail(exit_code::usage, ec.message(), std::string(argument) + " " + in_quotes(text), hint_of(ec));
}

template <class T>
T value_or_refuse(result<T> found, std::string_view argument, std::string_view text) {
  if (!found) refuse(found.error(), argument, text);
  return std::move(*found);
}

name name_from(std::string_view argument, std::string_view text) {
  return value_or_refuse(name::from_text(text), argument, text);
}

std::string label_from(const setting& said) {
  if (said.text.empty()) throw fail(exit_code::usage, "empty value", said.where);
  return value_or_refuse(label_from_text(said.text), said.where, said.text);
}

std::optional<std::string> optional_label(const settings& flags, std::string_view option) {
  const setting* said = find(flags, option);
  return said == nullptr ? std::nullopt : std::optional(label_from(*said));
}

/// Adds the conditions that select among the instances of a type.
void narrow(service_query& query, const settings& flags) {
  query.version = optional_label(flags, "service-version");
  query.instance = optional_label(flags, "instance");
  const auto conditions = flags.find("txt");
  if (conditions == flags.end()) return;
  for (const setting& said : conditions->second) {
    result<txt_condition> condition = txt_condition::from_text(said.text);
    if (!condition)
      throw fail(exit_code::usage, "not a TXT condition", said.where + " " + in_quotes(said.text),
                 "KEY or KEY=VALUE, the key in printable ASCII");
    query.txt.push_back(std::move(*condition));
  }
}

/// Labels of a service name are UTF-8 (RFC 6763 §4.1), labels of a host name are not: if the
/// resolver sent them unchanged, it would query another name than browsers do.
void refuse_unicode_host(const name& n, std::string_view text) {
  if (split_service_name(n)) return;
  for (const std::string_view label : n.labels()) {
    if (!is_ascii(label)) throw fail(exit_code::usage, "not a host name", "SERVICE " + in_quotes(text), ascii_hint);
  }
}

service_query service_from_parts(const settings& flags) {
  const setting* zone = find(flags, "zone");
  const setting* service = find(flags, "service");
  const setting* protocol = find(flags, "protocol");
  const auto require = [](const setting* part, std::string_view flag) {
    if (part == nullptr)
      throw fail(exit_code::usage, "incomplete service", "without " + std::string(flag),
                 "-z ZONE, -s NAME and -p tcp|udp go together");
  };
  require(zone, "-z ZONE");
  require(service, "-s NAME");
  require(protocol, "-p tcp|udp");
  // Checks one at a time, so that the message names the wrong one.
  (void)name_from(zone->where, zone->text);
  (void)label_from(*service);
  if (const auto choice = choice_from_text(protocol->text, "tcp|udp"); !choice)
    throw fail(exit_code::usage, choice.error().what, protocol->where + " " + in_quotes(protocol->text),
               choice.error().hint);
  return value_or_refuse(service_query::from_parts(zone->text, service->text, protocol->text, std::nullopt), "-z -s -p",
                         service->text);
}

/// TYPE is relative to the zone, if there is one, unless it is absolute.
name type_from(std::string_view written, const std::optional<name>& zone) {
  const std::string text = read_service_text("TYPE", written).name;
  name type = name_from("TYPE", text);
  if (zone && !text.ends_with('.') && !type.is_at_or_below(*zone)) {
    const std::vector<std::string_view> labels(type.labels().begin(), type.labels().end());
    name absolute = *zone;
    for (auto label = labels.rbegin(); label != labels.rend(); ++label)
      absolute = value_or_refuse(absolute.child(*label), "TYPE", text);
    type = absolute;
  }
  const std::optional<service_labels> parts = split_service_name(type);
  if (!parts)
    throw fail(exit_code::usage, "not a service type", "TYPE " + in_quotes(text),
               "like _http._tcp.example.com; for the types of a domain use -z DOMAIN");
  if (parts->domain.is_root())
    throw fail(exit_code::usage, "service type without domain", "TYPE " + in_quotes(text), "add -z ZONE");
  return type;
}

}  // namespace

bool is_ascii(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_given_by_parts(const settings& flags) {
  return flags.contains("zone") || flags.contains("service") || flags.contains("protocol");
}

asked_service service_from(std::string_view command, const settings& flags, words_left& words) {
  asked_service asked;
  service_query& query = asked.query;
  if (is_given_by_parts(flags)) {
    query = service_from_parts(flags);
  } else {
    if (words.empty())
      throw fail(exit_code::usage, "no SERVICE", command,
                 "a domain name like _http._tcp.example.com, or -z, -s and -p");
    asked.text = read_service_text("SERVICE", words.front());
    query = value_or_refuse(service_query::from_text(asked.text.name), "SERVICE", asked.text.name);
    refuse_unicode_host(query.qname, asked.text.name);
    words.pop_front();
  }
  narrow(query, flags);
  query.subtype = optional_label(flags, "subtype");
  if (const setting* said = find(flags, "default-port")) {
    const auto port = number_from_text(said->text, 1, 65535);
    if (!port)
      throw fail(exit_code::usage, port.error().what, said->where + " " + in_quotes(said->text), port.error().hint);
    query.default_port = static_cast<std::uint16_t>(*port);
  }
  return asked;
}

void interpret_browse(options& opts, const settings& flags, words_left& words) {
  if (const setting* zone = find(flags, "zone")) opts.zone = name_from(zone->where, zone->text);
  opts.domains = flags.contains("domains");
  const bool by_parts = flags.contains("service") || flags.contains("protocol");
  if (by_parts) {
    opts.browse_type = service_from_parts(flags).qname;
  } else if (!words.empty()) {
    opts.browse_type = type_from(words.front(), opts.zone);
    words.pop_front();
  }
  if (!opts.zone && !opts.browse_type && !opts.domains)
    throw fail(exit_code::usage, "nothing to browse", "browse", "TYPE like _http._tcp.example.com, or -z ZONE");
  if (opts.domains && opts.browse_type)
    throw fail(exit_code::usage, "--domains takes no TYPE", "browse", "browse --domains -z ZONE");

  for (const std::string_view option : {"subtype", "instance", "service-version", "txt"}) {
    if (!opts.browse_type && flags.contains(option))
      throw fail(exit_code::usage, "--" + std::string(option) + " needs a TYPE", "browse", "browse TYPE, or -s and -p");
  }
  if (const setting* said = find(flags, "subtype")) {
    const std::string label = label_from(*said);
    const name sub = value_or_refuse(opts.browse_type->child("_sub"), said->where, said->text);
    opts.browse_type = value_or_refuse(sub.child(label), said->where, said->text);
  }
  service_query query;
  if (opts.browse_type) query.qname = *opts.browse_type;
  narrow(query, flags);
  if (query.version || query.instance || !query.txt.empty()) opts.query = std::move(query);
}

}  // namespace sdconnect::cli
