// Interprets the input as two names, in text or wire format: text and octets convert both ways,
// comparing and splitting are consistent, and ldns reads and compares the same.
#include "fuzz/require.hpp"
#include "net/base/printable.hpp"
#include "sdconnect/dns/name.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// Comes last: it defines `bool` and `false` as macros.
#include <ldns/ldns.h>

using namespace sdconnect;
using namespace sdconnect::detail;
using sdconnect::fuzz::require;
using sdconnect::fuzz::text_of;

namespace {

using rdf_pointer = std::unique_ptr<ldns_rdf, void (*)(ldns_rdf*)>;

rdf_pointer theirs_from_text(const std::string& text) {
  ldns_rdf* rdf = nullptr;
  if (ldns_str2rdf_dname(&rdf, text.c_str()) != LDNS_STATUS_OK) rdf = nullptr;
  return {rdf, &ldns_rdf_deep_free};
}

rdf_pointer theirs_from_wire(std::span<const std::uint8_t> wire) {
  return {ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, wire.size(), wire.data()), &ldns_rdf_deep_free};
}

bool is_same(const ldns_rdf* theirs, const name& ours) {
  return std::ranges::equal(std::span(ldns_rdf_data(theirs), ldns_rdf_size(theirs)), ours.wire());
}

// Does not use ldns_rdf2str, which allocates 64 KiB each time.
std::string theirs_to_text(const ldns_rdf* rdf) {
  static const std::unique_ptr<ldns_buffer, void (*)(ldns_buffer*)> buffer(ldns_buffer_new(2048), &ldns_buffer_free);
  ldns_buffer_clear(buffer.get());
  require(ldns_rdf2buffer_str_dname(buffer.get(), rdf) == LDNS_STATUS_OK, "ldns prints a name");
  const std::uint8_t* begin = ldns_buffer_begin(buffer.get());
  return {begin, begin + ldns_buffer_position(buffer.get())};
}

void check_one(const name& n) {
  require(n.wire().size() <= name::max_wire_size && n.wire().back() == 0, "255 octets at most, the root at the end");
  const std::string text = n.to_text();
  require(is_printable(text) && text.find(' ') == text.npos, "a printed name is one printable word");
  const result<name> again = name::from_text(text);
  require(again && std::ranges::equal(again->wire(), n.wire()), "a printed name reads back as the same octets");
  const result<name> from_wire = name::from_wire(n.wire());
  require(from_wire && std::ranges::equal(from_wire->wire(), n.wire()), "wire octets read back as themselves");
  const name copy = n;
  require(copy == n && copy.hash() == n.hash() && std::ranges::equal(copy.wire(), n.wire()), "a copy is the same");

  std::size_t count = 0;
  for (const std::string_view label : n.labels()) {
    require(!label.empty() && label.size() <= name::max_label_size, "a label has 1 to 63 octets");
    const result<std::string> back = label_from_text(label_to_text(label));
    require(back && *back == label, "a printed label reads back");
    ++count;
  }
  require(count == n.label_count(), "labels are counted");
  require(n.is_root() == (count == 0), "the root has no labels");
  if (n.is_root()) return;
  const result<name> built = n.parent().child(n.first_label());
  require(built && std::ranges::equal(built->wire(), n.wire()), "parent and first label make the name");
  require(n.is_at_or_below(n.parent()) && !n.parent().is_at_or_below(n), "a name is below its parent");

  const rdf_pointer theirs = theirs_from_text(text);
  require(theirs && is_same(theirs.get(), n), "ldns reads what we print");
  const result<name> printed = name::from_text(theirs_to_text(theirs_from_wire(n.wire()).get()));
  require(printed && std::ranges::equal(printed->wire(), n.wire()), "we read what ldns prints");
}

void check_two(const name& a, const name& b) {
  const rdf_pointer their_a = theirs_from_wire(a.wire());
  const rdf_pointer their_b = theirs_from_wire(b.wire());
  const bool equal = ldns_dname_compare(their_a.get(), their_b.get()) == 0;
  require((a == b) == equal, "equal names are those that ldns finds equal");
  require(std::is_eq(a <=> b) == equal && (a < b) == (b > a), "the order is one");
  require(!equal || a.hash() == b.hash(), "equal names have one hash");
  const bool below = ldns_dname_is_subdomain(their_a.get(), their_b.get());
  require(a.is_at_or_below(b) == (equal || below), "subdomains are those of ldns");

  const result<name> moved = a.rebased(a.parent(), b);
  if (a.is_root()) return;
  require(moved.has_value() == (b.wire().size() + 1 + a.first_label().size() <= name::max_wire_size),
          "a name is moved unless it gets too long");
  if (moved) require(moved->parent() == b && moved->first_label() == a.first_label(), "moved below the other");
}

std::optional<name> read_text(std::string_view text) {
  const result<name> ours = name::from_text(text);
  // ldns takes a C string, which cannot contain a zero octet; an escaped zero octet is allowed.
  if (text.find('\0') == text.npos) {
    const rdf_pointer theirs = theirs_from_text(std::string(text));
    require(ours.has_value() == (theirs != nullptr), "ldns accepts the same text");
    if (ours) require(is_same(theirs.get(), *ours), "and reads the same octets");
  }
  if (!ours) return std::nullopt;
  return *ours;
}

std::optional<name> read_wire(std::span<const std::uint8_t> wire) {
  const result<name> ours = name::from_wire(wire);
  ldns_rdf* raw = nullptr;
  std::size_t at = 0;
  const bool accepted = ldns_wire2dname(&raw, wire.data(), wire.size(), &at) == LDNS_STATUS_OK;
  const rdf_pointer theirs(accepted ? raw : nullptr, &ldns_rdf_deep_free);
  if (ours) require(theirs && at == wire.size() && is_same(theirs.get(), *ours), "ldns reads the same wire name");
  if (!ours) return std::nullopt;
  return *ours;
}

}  // namespace

// The first octet selects text or wire format for the two parts; the second is the length of the
// first part.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 4096) return 0;
  const std::size_t cut = std::min<std::size_t>(data[1], size - 2);
  // Copies the parts into buffers of exact size, so that AddressSanitizer detects a read of one
  // octet too many.
  const std::vector<std::uint8_t> first(data + 2, data + 2 + cut);
  const std::vector<std::uint8_t> second(data + 2 + cut, data + size);
  const std::optional<name> a = (data[0] & 1) != 0 ? read_wire(first) : read_text(text_of(first));
  const std::optional<name> b = (data[0] & 2) != 0 ? read_wire(second) : read_text(text_of(second));

  const result<std::string> label = label_from_text(text_of(first));
  if (label) {
    require(!label->empty() && label->size() <= name::max_label_size, "a label has 1 to 63 octets");
    require(name().child(*label).has_value(), "a label makes a name");
  }
  if (a) check_one(*a);
  if (b) check_one(*b);
  if (a && b) {
    check_two(*a, *b);
    check_two(*b, *a);
  }
  return 0;
}
