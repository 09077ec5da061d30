/// \file
/// `sd-connect browse`: instances of a type, types of a zone, or domains to browse.

#include "browse.hpp"

#include "commands.hpp"
#include "explain.hpp"
#include "output.hpp"
#include "report.hpp"
#include "session.hpp"

#include <algorithm>
#include <array>
#include <unistd.h>

namespace sdconnect::cli {
namespace {

struct browsed {
  error_code error;
  browse_result found;
};

constexpr std::array domain_kinds{domain_enumeration::browse, domain_enumeration::default_browse,
                                  domain_enumeration::registration, domain_enumeration::default_registration,
                                  domain_enumeration::legacy_browse};

void tell(const options& opts, const browsed& out) {
  for (const std::string& warning : out.found.warnings) warn(opts, warning);
  if (opts.explain) explain(opts, explanation::of(out.error, out.found));
}

/// --same-domain: what lies elsewhere is left out, and said so.
void refuse_foreign(const options& opts, const name& domain, browsed& out) {
  if (!opts.same_domain) return;
  const auto refused =
      std::erase_if(out.found.entries, [&](const browse_entry& entry) { return !entry.target.is_at_or_below(domain); });
  if (refused == 0) return;
  out.found.warnings.push_back(std::to_string(refused) + " name(s) outside " + domain.to_text() + " refused");
  if (out.found.entries.empty()) out.error = errc::out_of_domain;
}

/// What came of one question; thrown when nothing is known.
browsed browse_one(const options& opts, const name& owner) {
  session with(opts);
  browsed out;
  with.find().async_browse(owner, opts.timeout, [&out](error_code ec, browse_result found) {
    out = {ec, std::move(found)};
  });
  with.run();
  out.found.query = owner;
  if (const auto parts = split_service_name(owner)) refuse_foreign(opts, parts->domain, out);
  tell(opts, out);
  const bool is_known = !out.error || out.error == condition::absent || out.error == errc::out_of_domain;
  if (!is_known) throw browse_failure(opts, out.error, out.found);
  return out;
}

name name_or_fail(const result<name>& made, const name& zone) {
  if (!made)
    throw fail(exit_code::usage, made.error().message(), zone.to_text(), "the zone's name is too long to be browsed");
  return *made;
}

exit_code browse_instances(const options& opts) {
  const browsed out = browse_one(opts, *opts.browse_type);
  print(instances_listing(opts.format, out.found, is_colored(opts, STDOUT_FILENO)));
  if (out.error) throw browse_failure(opts, out.error, out.found);
  return exit_code::done;
}

exit_code browse_types(const options& opts) {
  const name owner = name_or_fail(type_enumeration_name(*opts.zone), *opts.zone);
  const browsed out = browse_one(opts, owner);
  const std::vector<browse_entry> types = types_in(*opts.zone, out.found.entries);
  print(types_listing(opts.format, owner, types, is_colored(opts, STDOUT_FILENO)));
  if (out.error) throw browse_failure(opts, out.error, out.found);
  return exit_code::done;
}

exit_code browse_domains(const options& opts) {
  session with(opts);
  std::array<browsed, domain_kinds.size()> all;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const name owner = name_or_fail(domain_enumeration_name(domain_kinds[i], *opts.zone), *opts.zone);
    with.find().async_browse(owner, opts.timeout, [&out = all[i]](error_code ec, browse_result found) {
      out = {ec, std::move(found)};
    });
    all[i].found.query = owner;
  }
  with.run();

  std::vector<domain_answer> answers;
  browsed together{{}, {.query = *opts.zone}};
  const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  for (std::size_t i = 0; i < all.size(); ++i) {
    refuse_foreign(opts, *opts.zone, all[i]);
    append(together.found.warnings, all[i].found.warnings);
    append(together.found.queries, all[i].found.queries);
    answers.push_back({domain_kinds[i], all[i].found});
  }
  tell(opts, together);
  const std::vector<domain_listing> domains = domains_in(answers);
  // A list that might be longer is shown, and the exit code says that it might.
  const auto unknown = std::ranges::find_if(all, [](const browsed& out) {
    return out.error && out.error != condition::absent && out.error != errc::out_of_domain;
  });
  if (!domains.empty() || unknown == all.end())
    print(domains_listing(opts.format, *opts.zone, domains, is_colored(opts, STDOUT_FILENO)));
  if (unknown != all.end()) throw browse_failure(opts, unknown->error, unknown->found);
  if (domains.empty())
    throw fail(exit_code::no_service, "no browsing domains", opts.zone->to_text(),
               "it has no b, db, r, dr or lb records");
  return exit_code::done;
}

}  // namespace

exit_code run_browse(const options& opts) {
  if (opts.domains) return browse_domains(opts);
  return opts.browse_type ? browse_instances(opts) : browse_types(opts);
}

}  // namespace sdconnect::cli
