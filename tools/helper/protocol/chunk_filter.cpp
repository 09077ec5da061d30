#include "helper/protocol/chunk_filter.hpp"

#include "net/base/ascii.hpp"

#include <algorithm>

namespace sdconnect::helper {
namespace {

bool is_control(char c) noexcept { return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f; }

}  // namespace

std::string chunk_filter::put(std::string_view octets) {
  std::string out;
  while (!octets.empty() && !is_done() && !has_failed()) {
    if (next_ != part::data) {
      take(octets.front(), out);
      octets.remove_prefix(1);
      continue;
    }
    const std::string_view run = octets.substr(0, std::min<std::uint64_t>(left_, octets.size()));
    out += run;
    octets.remove_prefix(run.size());
    left_ -= run.size();
    if (left_ == 0) next_ = part::data_cr;
  }
  return out;
}

// A line end goes on when its LF has come, so that nothing of a dropped line does.
void chunk_filter::take(char c, std::string& out) {
  switch (next_) {
    case part::size: return take_size(c, out);
    case part::extension: return take_in_line(c, part::size_lf);
    case part::size_lf:
      take_lf(c, left_ == 0 ? part::trailer : part::data);
      digits_ = 0;
      line_octets_ = 0;
      break;
    case part::data_cr: next_ = c == '\r' ? part::data_lf : part::failed; return;
    case part::data_lf: take_lf(c, part::size); break;
    case part::trailer:
      if (c != '\r') line_is_empty_ = false;
      return take_in_line(c, part::trailer_lf);
    case part::trailer_lf:
      take_lf(c, line_is_empty_ ? part::done : part::trailer);
      line_is_empty_ = true;
      if (!is_done()) return;
      break;
    case part::data:
    case part::done:
    case part::failed: return;
  }
  if (!has_failed()) out += "\r\n";
}

void chunk_filter::take_size(char c, std::string& out) {
  if (const int digit = detail::hex_value(c); digit >= 0) {
    left_ = left_ * 16 + static_cast<unsigned>(digit);
    if (++digits_ > max_digits) next_ = part::failed;
    out += c;
  } else if (digits_ > 0 && (c == '\r' || c == ';')) {
    next_ = c == '\r' ? part::size_lf : part::extension;
  } else {
    next_ = part::failed;
  }
}

void chunk_filter::take_in_line(char c, part at_cr) {
  if (c == '\r')
    next_ = at_cr;
  else if (is_control(c) || ++line_octets_ > max_line_octets)
    next_ = part::failed;
}

void chunk_filter::take_lf(char c, part then) { next_ = c == '\n' ? then : part::failed; }

}  // namespace sdconnect::helper
