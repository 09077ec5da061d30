#include "net/http/http_request.hpp"

#include <catch2/catch.hpp>

#include <string>

using sdconnect::detail::request_text;

TEST_CASE("http_request: what is sent without wishes, no credentials among it", "[connect][http][fault-T9]") {
  const std::string text = request_text({.host = "_v1._theservice._tcp.unilans.net", .path = "/a?b", .headers = {}});
  CHECK(text.starts_with("GET /a?b HTTP/1.1\r\nHost: _v1._theservice._tcp.unilans.net\r\nUser-Agent: sdconnect"));
  CHECK(text.ends_with("\r\nAccept: */*\r\nConnection: close\r\n\r\n"));
}

TEST_CASE("http_request: a header of the user replaces ours, without a value removes it, is added otherwise",
          "[connect][http]") {
  const std::string text =
      request_text({.host = "ours",
                    .path = "/",
                    .headers = {"X-One: 1", "host: theirs", "ACCEPT: text/plain", "User-Agent:", "X-One: 2"}});
  CHECK(text ==
        "GET / HTTP/1.1\r\nHost: theirs\r\nConnection: close\r\nX-One: 1\r\nACCEPT: text/plain\r\nX-One: 2\r\n\r\n");
}

TEST_CASE("http_request: the method and who asks are for the caller to say", "[connect][http]") {
  const std::string text = request_text({.host = "h", .headers = {}, .method = "HEAD", .user_agent = "probe/1"});
  CHECK(text == "HEAD / HTTP/1.1\r\nHost: h\r\nUser-Agent: probe/1\r\nAccept: */*\r\nConnection: close\r\n\r\n");
}
