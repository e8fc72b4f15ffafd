#include "server/registry/standing.hpp"

namespace chiploc {

Result<Done, CertificateFault> vouched_for(const Registry& registry, const ChipRecord& chip, WallTime now) {
  const auto authorities = registry.authorities(chip.maker);
  if (authorities.empty()) {
    return Fail{CertificateFault{CertificateFault::Code::kUntrusted,
                                 "its maker \"" + chip.maker + "\" has no authority in the registry"}};
  }
  const auto certificate = Certificate::from_der(chip.certificate);
  if (!certificate) return Fail{certificate.error()};
  std::vector<Certificate> issuers;
  for (const ByteVector& der : chip.issuers) {
    auto issuer = Certificate::from_der(der);
    if (!issuer) return Fail{issuer.error()};
    issuers.push_back(*std::move(issuer));
  }
  const MakerRevocations* revocations = registry.revocations(chip.maker);
  const auto lists =
      revocations == nullptr ? std::span<const RevocationList>{} : std::span{revocations->lists};
  return verify_device(*certificate, issuers, authorities, now, lists);
}

}  // namespace chiploc
