#include "cache/heap_size.hpp"

#include <type_traits>

namespace sdconnect::detail {
namespace {

// malloc's overhead per block: its size field, and half of the rounding to 16 octets.
constexpr std::size_t block_overhead = 16;
// What std::make_shared adds before the object: a vtable pointer and two counters.
constexpr std::size_t control_block = 16;

std::size_t block(std::size_t size) noexcept { return size == 0 ? 0 : size + block_overhead; }

// Short strings are stored inside the object.
std::size_t text_block(std::size_t size) noexcept { return size >= sizeof(std::string) / 2 ? block(size + 1) : 0; }

std::size_t heap_size(const rrset_data& data) noexcept {
  return std::visit(
      [](const auto& records) {
        return block(records.capacity() * sizeof(typename std::decay_t<decltype(records)>::value_type));
      },
      data);
}

// Size of the strings inside TXT records.
std::size_t text_size(const rrset_data& data) noexcept {
  std::size_t size = 0;
  if (const auto* const texts = std::get_if<std::vector<txt_record>>(&data)) {
    for (const txt_record& txt : *texts) {
      const std::size_t octets = txt.rdata().size();
      if (octets > 0) size += block(control_block + sizeof(std::string)) + text_block(octets);
    }
  }
  return size;
}

}  // namespace

std::size_t heap_size(const std::string& text) noexcept { return text_block(text.size()); }

std::size_t heap_size(const std::vector<extended_error>& errors) noexcept {
  std::size_t size = block(errors.capacity() * sizeof(extended_error));
  for (const extended_error& e : errors) size += text_block(e.text.size());
  return size;
}

std::size_t heap_size(const answer& a) noexcept {
  std::size_t size = block(control_block + sizeof(answer)) + heap_size(a.records) + text_size(a.records) +
                     block(a.additional.capacity() * sizeof(rrset)) + heap_size(a.extended_errors);
  for (const rrset& set : a.additional) size += heap_size(set.records) + text_size(set.records);
  return size;
}

}  // namespace sdconnect::detail
