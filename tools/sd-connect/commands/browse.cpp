/// \file
/// `sd-connect browse`: instances of a type, types of a zone, or domains to browse.

#include "sd-connect/commands/browse.hpp"

#include "program/output.hpp"
#include "program/report.hpp"
#include "sd-connect/commands/command_context.hpp"
#include "sd-connect/commands/commands.hpp"
#include "sd-connect/commands/resolve.hpp"
#include "sd-connect/explain/explain.hpp"
#include "sd-connect/explain/failures.hpp"
#include "sdconnect/dns/service_name.hpp"
#include "sdconnect/resolver/own_domains.hpp"
#include "text/names.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <unistd.h>

namespace sdconnect::cli {
namespace {

struct browsed {
  error_code error;
  browse_result found;
  std::optional<failure> why = {};  ///< if more is known of it than browse_failure() can tell
};

failure failure_of(const options& opts, const browsed& out) {
  return out.why ? *out.why : browse_failure(opts, out.error, out.found);
}

/// Ends the command after its listing, which told the failure.
exit_code end_told(const std::optional<failure>& why) {
  if (why) throw told_failure(*why);
  return exit_code::done;
}

constexpr std::array domain_kinds{domain_enumeration::browse, domain_enumeration::default_browse,
                                  domain_enumeration::registration, domain_enumeration::default_registration,
                                  domain_enumeration::legacy_browse};

void tell(const options& opts, const browsed& out) {
  for (const std::string& warning : out.found.warnings) warn(opts, warning);
  if (opts.explain) explain(opts, explanation::of(out.error, out.found));
}

/// --same-domain: removes instances in other domains, and reports them.
void refuse_foreign(const options& opts, const name& asked_domain, browsed& out) {
  if (!opts.same_domain) return;
  const name& domain = opts.allowed_domain ? *opts.allowed_domain : asked_domain;
  const auto refused =
      std::erase_if(out.found.entries, [&](const browse_entry& entry) { return !entry.target.is_at_or_below(domain); });
  if (refused == 0) return;
  out.found.warnings.push_back(std::to_string(refused) + " name(s) outside " + domain.to_text() + " refused");
  if (out.found.entries.empty()) out.error = errc::out_of_domain;
}

/// --require-authenticated: the server must also prove negative answers.
void refuse_unproved(const options& opts, browsed& out) {
  const bool is_answered = !out.error || out.error == condition::absent;
  if (!opts.require_authenticated || !is_answered || out.found.authenticated) return;
  out.found.entries.clear();
  out.found.complete = false;
  out.error = errc::not_authenticated;
}

/// Returns the result of one PTR query; throws if the result is unknown.
browsed browse_one(const options& opts, const name& owner) {
  command_context with(opts);
  browsed out;
  with.find().async_browse(owner, opts.timeout, [&out](error_code ec, browse_result found) {
    out = {ec, std::move(found)};
  });
  with.run();
  out.found.query = owner;
  refuse_unproved(opts, out);
  if (const auto parts = split_service_name(owner)) refuse_foreign(opts, parts->domain, out);
  tell(opts, out);
  const bool is_known = !out.error || out.error == condition::absent || out.error == errc::out_of_domain;
  if (!is_known) throw browse_failure(opts, out.error, out.found);
  return out;
}

/// Returns the instances that --txt, --instance and -v select. Resolves each instance to get its
/// TXT record. Does not check whether a client can connect to it.
browsed browse_narrowed(const options& opts) {
  command_context with(opts);
  command_context::resolved resolved = with.resolve();
  service& found = resolved.found;
  browsed out{resolved.error, {.query = *opts.browse_type}};
  if (found.kind == service_kind::type && !found.instances.empty()) out.error = {};
  if (found.kind == service_kind::instance && !out.error) out.error = errc::no_data;  // no PTR records
  for (const service_instance& instance : found.instances) {
    if (found.kind != service_kind::type) break;
    if (!opts.query->txt.empty() && instance.txt_status)
      out.error = instance.txt_status;
    else
      out.found.entries.push_back({instance.fullname, instance.ttl});
  }
  if (out.error == errc::no_matching_instance) out.why = resolve_failure(opts, out.error, found);
  out.found.server = found.server;
  out.found.authenticated = found.authenticated;
  const bool is_listed = found.kind == service_kind::type || is_an_answer(resolved.error);
  out.found.complete = is_listed && !found.stale && is_an_answer(out.error);
  out.found.queries = std::move(found.queries);
  return out;
}

name name_or_fail(const result<name>& made, const name& zone) {
  if (!made)
    throw fail(exit_code::usage, made.error().message(), zone.to_text(), "the zone's name is too long to be browsed");
  return *made;
}

exit_code browse_instances(const options& opts) {
  const browsed out = opts.query ? browse_narrowed(opts) : browse_one(opts, *opts.browse_type);
  std::optional<failure> why;
  if (out.error) why = failure_of(opts, out);
  // Prints an incomplete list too; the exit code reports that it may be incomplete.
  if (why && !is_an_answer(out.error) && out.found.entries.empty()) throw failure(*why);
  print(instances_listing(opts.format, out.found, appearance_of(opts.color, STDOUT_FILENO), why ? &*why : nullptr));
  return end_told(why);
}

exit_code browse_types(const options& opts) {
  const name owner = name_or_fail(type_enumeration_name(*opts.zone), *opts.zone);
  const browsed out = browse_one(opts, owner);
  std::optional<failure> why;
  if (out.error) why = failure_of(opts, out);
  print(types_listing(opts.format, out.found, appearance_of(opts.color, STDOUT_FILENO), why ? &*why : nullptr));
  return end_told(why);
}

/// Returns the zones to search for domains: the zone given, or else the names of the host's own
/// networks (RFC 6763 §11).
std::vector<name> zones_of(const options& opts) {
  if (opts.zone) return {*opts.zone};
  std::vector<name> zones = network_domains(own_addresses());
  if (zones.empty())
    throw fail(exit_code::no_service, "no network to look for domains in", "browse --domains",
               "this host has no address but loopback and link-local ones; name a zone with -z");
  return zones;
}

exit_code browse_domains(const options& opts) {
  const std::vector<name> zones = zones_of(opts);
  command_context with(opts);
  std::vector<browsed> all(zones.size() * domain_kinds.size());
  const auto zone_at = [&](std::size_t i) -> const name& { return zones[i / domain_kinds.size()]; };
  const auto kind_at = [](std::size_t i) { return domain_kinds[i % domain_kinds.size()]; };
  for (std::size_t i = 0; i < all.size(); ++i) {
    const name owner = name_or_fail(domain_enumeration_name(kind_at(i), zone_at(i)), zone_at(i));
    with.find().async_browse(owner, opts.timeout, [&out = all[i]](error_code ec, browse_result found) {
      out = {ec, std::move(found)};
    });
    all[i].found.query = owner;
  }
  with.run();

  std::vector<domain_answer> answers;
  browsed together{{}, {.query = zones.front()}};
  together.found.authenticated = together.found.complete = true;
  const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  for (std::size_t i = 0; i < all.size(); ++i) {
    refuse_unproved(opts, all[i]);
    if (opts.zone) refuse_foreign(opts, *opts.zone, all[i]);
    append(together.found.warnings, all[i].found.warnings);
    append(together.found.queries, all[i].found.queries);
    together.found.authenticated = together.found.authenticated && all[i].found.authenticated;
    together.found.complete = together.found.complete && all[i].found.complete;
    answers.push_back({kind_at(i), all[i].found});
  }
  tell(opts, together);
  const std::vector<domain_listing> domains = domains_in(answers);
  // Prints an incomplete list too; the exit code reports that it may be incomplete.
  const auto unknown = std::ranges::find_if(all, [](const browsed& out) {
    return out.error && out.error != condition::absent && out.error != errc::out_of_domain;
  });
  std::optional<failure> why;
  if (unknown != all.end())
    why = failure_of(opts, *unknown);
  else if (domains.empty())
    why = fail(exit_code::no_service, "no browsing domains", joined(zones), "no b, db, r, dr or lb records there");
  if (domains.empty() && unknown != all.end()) throw failure(*why);
  print(domains_listing(opts.format, zones, domains, appearance_of(opts.color, STDOUT_FILENO), why ? &*why : nullptr,
                        together.found.complete));
  return end_told(why);
}

}  // namespace

exit_code run_browse(const options& opts) {
  if (opts.domains) return browse_domains(opts);
  return opts.browse_type ? browse_instances(opts) : browse_types(opts);
}

}  // namespace sdconnect::cli
