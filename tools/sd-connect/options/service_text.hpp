/// \file
/// SERVICE as users of curl, dig and ssh write it: a name, or a URL that contains one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sdconnect::cli {

/// Whether the text begins with a scheme and "://".
[[nodiscard]] bool is_url(std::string_view text) noexcept;

struct service_text {
  std::string name;     ///< the text of a domain name, not checked
  bool is_url = false;  ///< http:// or https://
  bool is_https = false;
  std::optional<std::string> path;  ///< path and query of the URL, not checked; unset if it has none
};

/// Reads SERVICE or TYPE (`argument` is its name, for messages). In a URL, `%XX` in the name is that
/// octet of a label, and the fragment is dropped, as in curl. Throws failure (64), with the right
/// spelling where there is one, for another scheme, a user name, an IP address, a port, and a path
/// behind a name.
[[nodiscard]] service_text read_service_text(std::string_view argument, std::string_view text);

}  // namespace sdconnect::cli
