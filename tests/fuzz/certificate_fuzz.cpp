// Certificates, revocation lists and public keys from any bytes, DER and PEM; nothing that parses is trusted.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "proto/crypto/authority_key.hpp"
#include "proto/crypto/certificate.hpp"
#include "proto/crypto/issue.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  static const auto kCa = CertificateAuthority::create("CA", SignatureAlgorithm::kEd25519, {}, 36'500);
  static const Certificate kTrusted[] = {kCa.value().certificate()};
  const Bytes input{data, size};
  if (const auto certificate = Certificate::from_der(input)) {
    if (!same_bytes(certificate->der(), input)) std::abort();
    if (const auto id = certificate->device_id(); id && DeviceId::from_text(id->hex()) != id) std::abort();
    static_cast<void>(certificate->chip_id());
    static_cast<void>(certificate->subject());
    static_cast<void>(certificate->common_name());
    static_cast<void>(certificate->public_key());
    if (verify_device(*certificate, {}, kTrusted, wall_from_unix_seconds(1))) std::abort();
  }
  if (const auto list = RevocationList::from_der(input)) {
    static_cast<void>(list->scope());
    if (list->covers(kTrusted[0]) && !list->unusable().empty()) std::abort();
    if (list->signed_by(kTrusted[0]) || list->older_than(*list)) std::abort();
    static_cast<void>(list->revokes(kTrusted[0]));
    if (!list->unusable().empty() && list->scope().empty()) std::abort();
  }
  if (const auto parts = split_der(input); parts && !same_bytes(join_der(*parts), input)) std::abort();
  static_cast<void>(check_authority_key(input));
  if (const auto key = PublicKey::from_spki_der(input)) {
    if (!same_bytes(key->spki_der(), input)) std::abort();
  }
  static_cast<void>(Certificate::chain_from_pem(string_of(input)));
  static_cast<void>(PublicKey::from_pem(string_of(input)));
  return 0;
}
