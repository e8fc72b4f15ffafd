// Certificates, revocation lists and public keys from any bytes, DER and PEM; nothing that parses is trusted.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "proto/certificate.hpp"
#include "proto/issue.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  static const auto kCa = CertificateAuthority::create("CA", SignatureAlgorithm::kEd25519, {}, 36'500);
  static const Certificate kTrusted[] = {kCa.value().certificate()};
  const Bytes input{data, size};
  if (const auto certificate = Certificate::from_der(input)) {
    if (!same_bytes(certificate->der(), input)) std::abort();
    static_cast<void>(certificate->chip_id());
    static_cast<void>(certificate->common_name());
    static_cast<void>(certificate->public_key());
    if (verify_device(*certificate, {}, kTrusted, wall_from_unix_seconds(1))) std::abort();
  }
  static_cast<void>(RevocationList::from_der(input));
  if (const auto key = PublicKey::from_spki_der(input)) {
    if (!same_bytes(key->spki_der(), input)) std::abort();
  }
  static_cast<void>(Certificate::chain_from_pem(string_of(input)));
  static_cast<void>(PublicKey::from_pem(string_of(input)));
  return 0;
}
