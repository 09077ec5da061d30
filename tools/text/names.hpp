/// \file
/// Names, addresses and TXT records as text for people. All functions escape their output.
#pragma once

#include "sdconnect/dns/endpoint.hpp"
#include "sdconnect/dns/txt.hpp"

#include <span>
#include <string>

namespace sdconnect::cli {

/// Writes the name without the final dot, as programs other than name servers do; "." for the root.
[[nodiscard]] std::string display(const name& n);
/// "host1.example.com:8080".
[[nodiscard]] std::string display(const endpoint& e);

/// Separated by single spaces.
[[nodiscard]] std::string joined(std::span<const ip_address> addresses);
[[nodiscard]] std::string joined(std::span<const name> names);

/// `"txtvers=1" "flag"`; each pair is cut after 80 characters and marked with "...".
[[nodiscard]] std::string display(const txt_record& txt);

}  // namespace sdconnect::cli
