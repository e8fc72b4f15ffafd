#pragma once
#include <memory>
#include <string>

#include "proto/crypto/certificate.hpp"

namespace chiploc {

/// Device CAs as they stand behind chips' certificates, often one behind thousands of them: each is parsed once, and
/// who issued whom is verified once. Keeps the first kKept of either. Thread-safe.
class IssuerCache {
 public:
  static constexpr std::size_t kKept = 512;

  IssuerCache();
  ~IssuerCache();

  /// What Certificate::from_pem makes of it.
  [[nodiscard]] Result<Certificate, CertificateFault> read(const std::string& pem);
  /// Whether the second one issued the first (Certificate::issued_by).
  [[nodiscard]] bool issued(const Certificate& below, const Certificate& issuer);

 private:
  struct Known;
  std::unique_ptr<Known> known_;
};

}  // namespace chiploc
