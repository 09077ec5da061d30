/// \file
/// The messages of at most 65,535 octets that are most expensive to read: each tries to make one
/// resource of the reader grow faster than the message.
#pragma once

#include "sdconnect/dns/records.hpp"
#include "support/message_builder.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace sdconnect::test {

struct hostile_message {
  std::string what;
  octets bytes;
  question asked;
};

inline constexpr std::size_t largest_message = 65535;

inline question question_q(rr_type type = rr_type::srv) { return {*name::from_text("q"), type}; }

/// Begins with the question "q. TYPE" at offset 12.
inline message_builder reply_to_q(rr_type type = rr_type::srv) {
  message_builder made(1);
  made.response().question("q", type);
  return made;
}

inline const wire_name to_q = wire_name::pointer(12);

/// Repeats `add` until the message is full; one call adds at most `size` octets.
template <class Add>
octets filled(message_builder message, std::size_t size, Add add) {
  for (int i = 0; message.offset() + size <= largest_message; ++i) add(message, i);
  return message.bytes();
}

/// A root label and `count` - 1 pointers, each to the previous one, as data of a record at `at`.
/// The last pointer is at the result's end - 2.
inline octets pointer_chain(std::size_t data_at, std::size_t count) {
  octets chain{0};
  for (std::size_t i = 1; i < count; ++i) put_u16(chain, 0xC000 | (i == 1 ? data_at : data_at + 1 + 2 * (i - 2)));
  return chain;
}

/// 127 labels of one octet, 255 octets in all.
inline octets longest_name(std::size_t last_label = 'z') {
  octets most;
  for (int i = 0; i < 126; ++i) put(most, {1, static_cast<std::uint8_t>('a' + i % 26)});
  put_u8(most, 1);
  put_u8(most, last_label);
  put_u8(most, 0);
  return most;
}

/// Offset of the data of a record with a root owner, if it is the first record behind the header.
inline constexpr std::size_t first_data = 12 + 11;

inline octets pointer_chain_of_8174() {
  message_builder message = message_builder(1).response();
  message.answer("", 65280, 0, pointer_chain(first_data, 8174));
  return filled(message, 12, [](message_builder& m, int) { m.answer(wire_name::pointer(16'368), rr_type::a, 0, {}); });
}

inline octets every_name_of_127_pointers() {
  message_builder message = message_builder(1).response();
  message.answer("", 65280, 0, pointer_chain(first_data, 127));
  const wire_name deepest = wire_name::pointer(first_data + 1 + 2 * 125);
  return filled(message, 14, [&](message_builder& m, int) { m.answer(deepest, rr_type::ptr, 0, deepest.bytes); });
}

/// Begins with 64 such names with different ends, in the data of a first record.
inline message_builder reply_with_long_names() {
  octets names;
  for (std::size_t i = 0; i < 64; ++i) put(names, longest_name(i));
  return message_builder(1).response().answer("", 65280, 0, names);
}

/// A pointer to one of their 8,000 suffixes, each a different name.
inline wire_name long_name(int i) {
  const auto at = static_cast<std::size_t>(i);
  return wire_name::pointer(first_data + 255 * (at % 64) + 2 * (at / 64));
}

inline octets long_names_asked_for() {
  const wire_name longest = long_name(0);
  return filled(reply_with_long_names(), 14,
                [&](message_builder& m, int) { m.answer(longest, rr_type::ptr, 60, longest.bytes); });
}

inline octets additional_of_many_owners(rr_type type, const octets& rdata) {
  return filled(reply_with_long_names(), 12 + rdata.size(),
                [&](message_builder& m, int i) { m.additional(long_name(i), type, 60, rdata); });
}

/// One half is SRV records of one target, the other half is addresses of it: the join has the size
/// of their product.
inline octets every_target_with_every_address() {
  message_builder message = reply_to_q();
  for (unsigned i = 1; message.offset() < largest_message / 2; ++i) {
    message.answer(to_q, rr_type::srv, 60, rdata_srv(0, 0, i, to_q));
  }
  return filled(message, 16, [](message_builder& m, int i) {
    m.additional(to_q, rr_type::a, 60, {10, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i & 255)});
  });
}

inline octets addresses_in_reverse_order() {
  const auto host = [](unsigned i) {
    return wire_name::pointer(12, {std::string{static_cast<char>(i & 255), static_cast<char>(i >> 8)}});
  };
  message_builder message = reply_to_q();
  constexpr unsigned count = 1500;
  for (unsigned i = 0; i < count; ++i) message.answer(to_q, rr_type::srv, 60, rdata_srv(0, 0, 1, host(i)));
  for (unsigned i = count; i-- > 0;) message.additional(host(i), rr_type::a, 60, {10, 0, 0, 1});
  return message.bytes();
}

/// n3 -> n4, n2 -> n3, n1 -> n2, q -> n1, and thousands more that have no target.
inline octets aliases_in_reverse_order() {
  const auto label = [](unsigned i) {
    return i == 0 ? to_q : wire_name::pointer(12, {std::string{static_cast<char>(i & 255), static_cast<char>(i >> 8)}});
  };
  message_builder message = reply_to_q();
  for (unsigned i = 2600; i-- > 0;) message.answer(label(i), rr_type::cname, 60, label(i + 1).bytes);
  return message.bytes();
}

/// The question has 127 labels, and thousands of DNAME records are above it.
inline octets dnames_above_a_long_name() {
  message_builder message(1);
  message.response().question(wire_name::raw(longest_name()), rr_type::srv);
  return filled(message, 14, [](message_builder& m, int i) {
    m.answer(wire_name::pointer(14 + 2 * (static_cast<std::size_t>(i) % 126)), rr_type::dname, 60,
             wire_name::pointer(12 + 2 * 126).bytes);
  });
}

inline std::vector<hostile_message> hostile_messages() {
  std::vector<hostile_message> all;
  const auto add = [&](std::string what, octets bytes, const question& asked = question_q()) {
    all.push_back({std::move(what), std::move(bytes), asked});
  };
  const question root_ptr{name(), rr_type::ptr};
  const auto empty_record = [](message_builder& m, int) { m.answer("", 65280, 0, {}); };
  const auto srv_record = [](message_builder& m, int i) {
    m.answer(to_q, rr_type::srv, 60, rdata_srv(0, 0, static_cast<unsigned>(i + 1), to_q));
  };
  const auto empty_txt = [](message_builder& m, int) { m.answer(to_q, rr_type::txt, 60, {}); };

  add("W3: 65,535 answers promised", reply_to_q().counts(1, 65535, 65535, 65535).bytes());
  add("T1: 65,000 empty strings", reply_to_q(rr_type::txt).answer(to_q, rr_type::txt, 60, octets(65'000, 0)).bytes(),
      question_q(rr_type::txt));
  add("T3: 5,459 empty TXT", filled(reply_to_q(rr_type::txt), 12, empty_txt), question_q(rr_type::txt));
  add("W9: a chain of 8,174 pointers", pointer_chain_of_8174(), root_ptr);
  add("W9: 127 pointers in every name", every_name_of_127_pointers(), root_ptr);
  add("W27: 3,275 SRV", filled(reply_to_q(), 20, srv_record));
  add("W28: 5,956 empty records", filled(message_builder(1).response(), 11, empty_record));
  add("names of 255 octets as owners and data", additional_of_many_owners(rr_type::ptr, long_name(0).bytes), root_ptr);
  add("names of 255 octets, asked for", long_names_asked_for(), {*name::from_wire(longest_name(0)), rr_type::ptr});
  add("T14: empty TXT of thousands of owners", additional_of_many_owners(rr_type::txt, {}));
  add("T14: names of thousands of owners", additional_of_many_owners(rr_type::ptr, {0}));
  add("W14: malformed addresses of thousands of owners", additional_of_many_owners(rr_type::a, {}));
  add("every target with every address", every_target_with_every_address());
  add("addresses in reverse order", addresses_in_reverse_order());
  add("N14: aliases in reverse order", aliases_in_reverse_order());
  add("N14: DNAMEs above a name of 127 labels", dnames_above_a_long_name(),
      {*name::from_wire(longest_name()), rr_type::srv});
  return all;
}

}  // namespace sdconnect::test
