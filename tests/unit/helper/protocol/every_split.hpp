/// \file
/// Feeds a message to a parser in every split.
#pragma once

#include "helper/protocol/proxy_handshake.hpp"
#include "net/base/printable.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::helper {

using pieces = std::vector<std::string_view>;

/// Calls `check` with the message octet by octet and in two pieces, each way; a short one also in
/// three pieces, each way.
template <class Check>
void for_every_split(std::string_view message, Check check) {
  constexpr std::size_t short_size = 64;
  pieces octets;
  for (std::size_t i = 0; i < message.size(); ++i) octets.push_back(message.substr(i, 1));
  check(octets);
  for (std::size_t i = 1; i < message.size(); ++i) {
    check(pieces{message.substr(0, i), message.substr(i)});
    for (std::size_t j = i + 1; j < message.size() && message.size() <= short_size; ++j)
      check(pieces{message.substr(0, i), message.substr(i, j - i), message.substr(j)});
  }
}

/// What became of a handshake: "SOCKS5 asked for HOST:80, sent \005\000, early ABC".
inline std::string outcome_of(const pieces& all, const credentials* required) {
  proxy_handshake handshake({.required = required, .id = "c7"});
  std::string sent, early;
  for (const std::string_view piece : all) {
    if (handshake.state() == handshake_state::reading) {
      // A copy of exact size, so that a sanitizer finds what is read behind it or kept.
      const std::vector<char> copy(piece.begin(), piece.end());
      handshake.put({copy.data(), copy.size()});
      if (handshake.reader() != nullptr) sent += handshake.reader()->take_output();
      if (handshake.state() == handshake_state::asked) early += handshake.reader()->take_early();
    } else {
      early += piece;
    }
  }
  std::string out(to_string(handshake.protocol()));
  switch (handshake.state()) {
    case handshake_state::reading: out += " reads"; break;
    case handshake_state::asked: out += " asked for " + handshake.reader()->destination().to_text(); break;
    case handshake_state::ended:
      out += " ended";
      if (handshake.reader() != nullptr) out += ": " + handshake.reader()->why_ended().reason;
      break;
  }
  if (!sent.empty()) out += ", sent " + detail::escaped(sent);
  if (handshake.state() == handshake_state::asked && !early.empty()) out += ", early " + detail::escaped(early);
  return out;
}

/// The outcome, which is the same for every split.
inline std::string outcome_of(std::string_view message, const credentials* required = nullptr) {
  const std::string whole = outcome_of(pieces{message}, required);
  for_every_split(message, [&](const pieces& split) {
    if (outcome_of(split, required) == whole) return;
    INFO("in " << split.size() << " pieces, the first of " << split.front().size() << " octets");
    REQUIRE(outcome_of(split, required) == whole);
  });
  return whole;
}

}  // namespace sdconnect::helper
