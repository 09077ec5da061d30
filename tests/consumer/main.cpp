#include <sdconnect/dns/name.hpp>

#include <iostream>

int main() {
  const auto name = sdconnect::name::from_text("_v1._theservice._tcp.example.com");
  if (!name) {
    std::cerr << name.error().message() << '\n';
    return 1;
  }
  std::cout << name->to_text() << '\n';
}
