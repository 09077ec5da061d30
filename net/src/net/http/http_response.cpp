#include "net/http/http_response.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/optional.hpp>

#include <algorithm>

namespace sdconnect::detail {

namespace http = boost::beast::http;

namespace {

constexpr std::string_view protocol = "HTTP/1.";

std::string_view to_std(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

/// Beast's parser without its containers: stores fields as text and passes body octets directly to
/// the handler.
class http_response_reader::parser final : public http::basic_parser<false> {
 public:
  parser(const head_handler& on_head, const body_handler& on_body, const http_response_options& options)
      : on_head_(on_head), on_body_(on_body) {
    header_limit(max_head_size);
    body_limit(options.max_body);
    skip(!options.has_body);
    eager(true);
  }

  [[nodiscard]] bool is_interim() const noexcept { return head_.status / 100 == 1; }
  [[nodiscard]] std::uint64_t body_octets() const noexcept { return body_octets_; }

 private:
  void on_request_impl(http::verb, boost::beast::string_view, boost::beast::string_view, int, error_code&) override {}

  void on_response_impl(int code, boost::beast::string_view reason, int version, error_code& ec) override {
    head_.status = static_cast<unsigned>(code);
    head_.reason = to_std(reason);
    head_.text.append("HTTP/").append(std::to_string(version / 10)).append(".").append(std::to_string(version % 10));
    head_.text.append(" ").append(std::to_string(code)).append(" ").append(to_std(reason)).append("\r\n");
    // 101 is an error, because the request asks for no other protocol.
    if (code < 100 || code == 101) ec = http::error::bad_status;
  }

  void on_field_impl(http::field name, boost::beast::string_view text, boost::beast::string_view value,
                     error_code& ec) override {
    if (++field_count_ > max_fields) {
      ec = http::error::header_limit;
      return;
    }
    if (is_header_done()) return;  // ignores trailer fields (RFC 9112 §7.1.2)
    head_.text.append(to_std(text)).append(": ").append(to_std(value)).append("\r\n");
    if (name == http::field::location) head_.location = to_std(value);
  }

  void on_header_impl(error_code&) override {
    head_.text.append("\r\n");
    if (!is_interim()) on_head_(head_);
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}

  std::size_t on_body_impl(boost::beast::string_view body, error_code&) override { return pass_on(to_std(body)); }

  void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, error_code&) override {}

  std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view body, error_code&) override {
    return pass_on(to_std(body));
  }

  void on_finish_impl(error_code&) override {}

  std::size_t pass_on(std::string_view body) {
    body_octets_ += body.size();
    on_body_(body);
    return body.size();
  }

  const head_handler& on_head_;
  const body_handler& on_body_;
  http_head head_;
  std::size_t field_count_ = 0;
  std::uint64_t body_octets_ = 0;
};

http_response_reader::http_response_reader(head_handler on_head, body_handler on_body,
                                           const http_response_options& options)
    : on_head_(std::move(on_head)),
      on_body_(std::move(on_body)),
      options_(options),
      parser_(std::make_unique<parser>(on_head_, on_body_, options_)) {}

http_response_reader::~http_response_reader() = default;

error_code http_response_reader::put(std::string_view octets) {
  std::string_view data = octets;
  if (!held_back_.empty()) {
    held_back_.append(octets);
    data = held_back_;
  }
  // The parser waits for a whole head. A peer that greets in another protocol ("SSH-2.0-...") waits
  // for the client, so check the first octets here.
  if (!is_recognised_) {
    const std::size_t compared = std::min(data.size(), protocol.size());
    if (data.substr(0, compared) != protocol.substr(0, compared)) return http::error::bad_version;
    is_recognised_ = compared == protocol.size();
  }
  while (!data.empty() && !is_done()) {
    error_code ec;
    const std::size_t used = parser_->put(boost::asio::buffer(data.data(), data.size()), ec);
    data.remove_prefix(used);
    if (ec == http::error::need_more) break;
    if (ec) return ec;
    if (parser_->is_done() && parser_->is_interim()) {
      if (++interim_count_ > max_interim) return http::error::header_limit;
      parser_ = std::make_unique<parser>(on_head_, on_body_, options_);
    }
  }
  // Old servers send an empty line after the body. Any other octets belong to no request of this
  // client (RFC 9112 §6.3).
  if (is_done() && data.find_first_not_of("\r\n") != std::string_view::npos) return http::error::unexpected_body;
  // The parser limits heads; this limits the lines of chunk sizes.
  if (data.size() > max_head_size) return http::error::header_limit;
  held_back_ = std::string(data);
  return {};
}

error_code http_response_reader::put_end() {
  error_code ec;
  if (!parser_->got_some()) return http::error::partial_message;
  parser_->put_eof(ec);
  return ec;
}

bool http_response_reader::has_head() const noexcept { return parser_->is_header_done() && !parser_->is_interim(); }

bool http_response_reader::is_done() const noexcept { return parser_->is_done() && !parser_->is_interim(); }

std::uint64_t http_response_reader::body_octets() const noexcept { return parser_->body_octets(); }

bool http_response_reader::keeps_alive() const { return parser_->keep_alive(); }

bool is_cut_short(error_code ec) noexcept {
  return ec == http::error::partial_message || ec == http::error::end_of_stream;
}

}  // namespace sdconnect::detail
