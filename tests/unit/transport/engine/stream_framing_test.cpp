#include "transport/engine/stream_framing.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;

namespace {

using octets = std::vector<std::uint8_t>;

/// A length prefix and that many octets, all `fill`.
octets framed(std::size_t length, std::uint8_t fill) {
  octets out{static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length & 0xff)};
  out.insert(out.end(), length, fill);
  return out;
}

octets joined(std::initializer_list<octets> parts) {
  octets out;
  for (const octets& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

/// Returns all messages that are complete.
std::vector<octets> taken(stream_framing& framing) {
  std::vector<octets> out;
  for (;;) {
    const auto message = framing.next();
    REQUIRE(message.has_value());
    if (!*message) return out;
    out.emplace_back((*message)->begin(), (*message)->end());
  }
}

TEST_CASE("stream_framing: messages come out whole, however the stream was cut",
          "[transport][rfc7766][rfc-check-57][fault-X21]") {
  const octets stream = joined({framed(12, 1), framed(300, 2), framed(65535, 3), framed(13, 4)});
  const std::size_t piece = GENERATE(as<std::size_t>(), 1, 2, 3, 7, 14, 15, 16384, 100000);
  CAPTURE(piece);
  stream_framing framing;
  std::vector<octets> messages;

  for (std::size_t at = 0; at < stream.size(); at += piece) {
    framing.feed(std::span(stream).subspan(at, std::min(piece, stream.size() - at)));
    for (octets& message : taken(framing)) messages.push_back(std::move(message));
  }

  REQUIRE(messages.size() == 4);
  CHECK(messages[0] == octets(12, 1));
  CHECK(messages[1] == octets(300, 2));
  CHECK(messages[2] == octets(65535, 3));
  CHECK(messages[3] == octets(13, 4));
}

TEST_CASE("stream_framing: three replies in one segment are three messages", "[transport][rfc7766][fault-X21]") {
  stream_framing framing;
  framing.feed(joined({framed(12, 1), framed(13, 2), framed(14, 3), octets{0}}));
  CHECK(taken(framing) == std::vector<octets>{octets(12, 1), octets(13, 2), octets(14, 3)});
}

TEST_CASE("stream_framing: a length below a header's is an error for good", "[transport][rfc7766][fault-W30]") {
  const std::size_t length = GENERATE(as<std::size_t>(), 0, 1, 11);
  CAPTURE(length);
  stream_framing framing;
  framing.feed(joined({framed(12, 1), framed(length, 2), framed(12, 3)}));
  CHECK(framing.next().value().has_value());  // the message before it is valid
  CHECK(framing.next().error() == errc::malformed_message);
  framing.feed(framed(12, 4));
  CHECK(framing.next().error() == errc::malformed_message);
}

TEST_CASE("stream_framing: nothing is an empty piece", "[transport][rfc7766]") {
  stream_framing framing;
  framing.feed({});
  CHECK(taken(framing).empty());
}

}  // namespace
