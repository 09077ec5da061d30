#include "net/tls/tls_error.hpp"

#include <openssl/x509_vfy.h>

#include <string>

namespace sdconnect::detail {
namespace {

// OpenSSL's verdicts are positive, and X509_V_OK is 0.
constexpr int pin_mismatch_value = -1;
constexpr int unusable_ca_file_value = -2;

class tls_category_type final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "sdconnect.tls"; }
  std::string message(int value) const override {
    return value == unusable_ca_file_value ? "CA file not usable" : "certificate not accepted: " + fault(value);
  }
  boost::system::error_condition default_error_condition(int value) const noexcept override {
    return make_error_condition(value == unusable_ca_file_value ? condition::bad_input : condition::refused_by_policy);
  }
  static std::string fault(int value) {
    return value == pin_mismatch_value ? "key is none of the pinned ones" : X509_verify_cert_error_string(value);
  }
};

const tls_category_type& tls_category() noexcept {
  static const tls_category_type category;
  return category;
}

error_code make(int value) noexcept { return {value, tls_category()}; }

}  // namespace

error_code certificate_error(long verdict) noexcept { return make(static_cast<int>(verdict)); }

std::string certificate_fault(error_code ec) {
  const bool is_of_certificate = ec.category() == tls_category() && ec.value() != unusable_ca_file_value;
  return is_of_certificate ? tls_category_type::fault(ec.value()) : std::string();
}

error_code pin_mismatch() noexcept { return make(pin_mismatch_value); }

error_code unusable_ca_file() noexcept { return make(unusable_ca_file_value); }

}  // namespace sdconnect::detail
