/// \file
/// Certificates and authorities created at run time, so that none in the repository can expire.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstddef>
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

/// The signer of a certificate.
struct authority {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> own;
  std::string certificate_pem;
};

namespace detail {

struct made {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> own;
};

inline void add_extension(X509* to, int kind, const std::string& text) {
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, kind, text.c_str()), &X509_EXTENSION_free);
  if (!extension || X509_add_ext(to, extension.get(), -1) != 1) throw std::runtime_error("cannot add " + text);
}

inline made make(const std::string& common_name, int extension, const std::string& text, long first, long last,
                 const authority* issuer) {
  // EVP_EC_gen() is a macro with an old-style cast; this is its expansion.
  std::string curve = "P-256";
  const made out{{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve.data()), &EVP_PKEY_free}, {X509_new(), &X509_free}};
  X509* own = out.own.get();
  X509_set_version(own, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(own), issuer == nullptr ? 1 : 2);
  X509_gmtime_adj(X509_getm_notBefore(own), first);
  X509_gmtime_adj(X509_getm_notAfter(own), last);
  X509_set_pubkey(own, out.key.get());
  X509_NAME* subject = X509_get_subject_name(own);
  X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.data()),
                             static_cast<int>(common_name.size()), -1, 0);
  X509_set_issuer_name(own, issuer == nullptr ? subject : X509_get_subject_name(issuer->own.get()));
  add_extension(own, extension, text);
  if (X509_sign(own, issuer == nullptr ? out.key.get() : issuer->key.get(), EVP_sha256()) == 0)
    throw std::runtime_error("cannot make a certificate");
  return out;
}

inline std::string certificate_pem(const made& of) {
  return to_pem([&](BIO* out) { return PEM_write_bio_X509(out, of.own.get()); });
}

}  // namespace detail

/// May sign other certificates.
inline authority make_authority() {
  const detail::made made =
      detail::make("test authority", NID_basic_constraints, "critical,CA:TRUE", -7200, 7200, nullptr);
  return {made.key, made.own, detail::certificate_pem(made)};
}

/// Valid for `subject_alternative_name` ("DNS:host1.example.com", "IP:127.0.0.1") from `first` to
/// `last` seconds from now. Self-signed unless there is an issuer.
inline certificate make_certificate(const std::string& subject_alternative_name, long first = -3600, long last = 3600,
                                    const authority* issuer = nullptr) {
  const detail::made made = detail::make("test", NID_subject_alt_name, subject_alternative_name, first, last, issuer);
  return {detail::certificate_pem(made), detail::to_pem([&](BIO* out) {
            return PEM_write_bio_PrivateKey(out, made.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

/// The pin of a certificate's key in curl's format: sha256//BASE64 (RFC 7469 §2.4).
inline std::string pin_of(const std::string& certificate_pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> text(
      BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size())), &BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> own(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr),
                                                        &X509_free);
  std::array<unsigned char, 512> encoded;
  unsigned char* end = encoded.data();
  const int size = i2d_PUBKEY(X509_get0_pubkey(own.get()), &end);
  std::array<unsigned char, 32> digest;
  if (size <= 0 ||
      EVP_Digest(encoded.data(), static_cast<std::size_t>(size), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("cannot digest a key");
  std::array<unsigned char, 45> base64;
  EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
  return "sha256//" + std::string(base64.begin(), base64.begin() + 44);
}

}  // namespace sdconnect::test
