// Interprets any octets as a TCP stream in pieces of any size: the messages are the same as those
// that a second, simple parser cuts from the whole stream.
#include "fuzz/require.hpp"
#include "transport/engine/stream_framing.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using sdconnect::fuzz::require;

namespace {

using octets = std::vector<std::uint8_t>;

struct cut_stream {
  std::vector<octets> messages;
  bool is_broken = false;  // a length that no message can have

  friend bool operator==(const cut_stream&, const cut_stream&) = default;
};

cut_stream plain(std::span<const std::uint8_t> stream) {
  cut_stream out;
  while (!stream.empty()) {
    if (stream.size() < 2) return out;
    const std::size_t length = stream[0] * 256U + stream[1];
    if (length < 12) {
      out.is_broken = true;
      return out;
    }
    if (stream.size() < 2 + length) return out;
    out.messages.emplace_back(stream.begin() + 2, stream.begin() + 2 + static_cast<std::ptrdiff_t>(length));
    stream = stream.subspan(2 + length);
  }
  return out;
}

class reader {
 public:
  void feed(std::span<const std::uint8_t> piece) {
    // Passes a copy of exact size and then frees it: the framing must have copied what it keeps.
    const octets copy(piece.begin(), piece.end());
    framing_.feed(copy);
    take();
  }

  [[nodiscard]] const cut_stream& so_far() const { return seen_; }

 private:
  void take() {
    for (;;) {
      const result<std::optional<std::span<std::uint8_t>>> next = framing_.next();
      if (!next) {
        require(next.error() == errc::malformed_message && framing_.next().has_error(), "an error stays");
        seen_.is_broken = true;
        return;
      }
      require(!seen_.is_broken, "nothing comes after an error");
      if (!*next) return;
      require((*next)->size() >= 12, "a message has a header");
      seen_.messages.emplace_back((*next)->begin(), (*next)->end());
      // The caller may change the message: later results must not depend on it.
      std::ranges::fill(**next, std::uint8_t{0});
    }
  }

  stream_framing framing_;
  cut_stream seen_;
};

}  // namespace

// The first octet is the number of piece sizes that follow; the target cycles through them; 0 means
// 256.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t count = std::min<std::size_t>(data[0] % 16, size - 1);
  const std::span<const std::uint8_t> sizes(data + 1, count);
  const std::span<const std::uint8_t> stream(data + 1 + count, size - 1 - count);

  reader in_pieces;
  std::size_t fed = 0;
  for (std::size_t i = 0; fed < stream.size(); ++i) {
    const std::size_t wanted = sizes.empty() || sizes[i % count] == 0 ? 256 : sizes[i % count];
    const std::size_t length = std::min(wanted, stream.size() - fed);
    in_pieces.feed(stream.subspan(fed, length));
    fed += length;
    if (fed % 512 == 0) require(in_pieces.so_far() == plain(stream.first(fed)), "what has come is known at once");
    if (in_pieces.so_far().is_broken) break;
  }
  require(in_pieces.so_far() == plain(stream.first(fed)), "pieces make no difference");

  reader whole;
  whole.feed(stream);
  require(whole.so_far() == plain(stream), "nor does the whole at once");
  return 0;
}
