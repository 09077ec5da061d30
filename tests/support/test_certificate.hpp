/// \file
/// Self-signed certificates made at run time, so that none in the repository can expire.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace sdconnect::test {

struct certificate {
  std::string certificate_pem;
  std::string key_pem;
};

namespace detail {

template <class Write>
std::string to_pem(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), &BIO_free);
  if (write(memory.get()) != 1) throw std::runtime_error("cannot write PEM");
  BUF_MEM* text = nullptr;
  BIO_get_mem_ptr(memory.get(), &text);
  return {text->data, text->length};
}

}  // namespace detail

/// Valid for `subject_alternative_name` ("DNS:host1.example.com", "IP:127.0.0.1") from `first` to `last` seconds from
/// now.
inline certificate make_certificate(const std::string& subject_alternative_name, long first = -3600, long last = 3600) {
  // EVP_EC_gen(), a macro with an old-style cast, spelled out.
  std::string curve = "P-256";
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve.data()),
                                                                &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), &X509_free);
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), first);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), last);
  X509_set_pubkey(made.get(), key.get());
  X509_NAME* subject = X509_get_subject_name(made.get());
  const std::string common_name = "test";
  X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.data()), 4, -1, 0);
  X509_set_issuer_name(made.get(), subject);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> names(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, subject_alternative_name.c_str()),
      &X509_EXTENSION_free);
  if (!names || X509_add_ext(made.get(), names.get(), -1) != 1 || X509_sign(made.get(), key.get(), EVP_sha256()) == 0)
    throw std::runtime_error("cannot make a certificate");
  return {detail::to_pem([&](BIO* out) { return PEM_write_bio_X509(out, made.get()); }), detail::to_pem([&](BIO* out) {
            return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

}  // namespace sdconnect::test
