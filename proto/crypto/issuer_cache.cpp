#include "proto/crypto/issuer_cache.hpp"

#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace chiploc {

struct IssuerCache::Known {
  std::mutex mutex;  // guards what follows
  std::unordered_map<std::string, Certificate> read;
  std::map<std::pair<Digest, Digest>, bool> issued;
};

IssuerCache::IssuerCache() : known_{std::make_unique<Known>()} {}
IssuerCache::~IssuerCache() = default;

Result<Certificate, CertificateFault> IssuerCache::read(const std::string& pem) {
  {
    const std::lock_guard lock{known_->mutex};
    if (const auto known = known_->read.find(pem); known != known_->read.end()) return known->second;
  }
  auto certificate = Certificate::from_pem(pem);
  if (!certificate) return certificate;
  const std::lock_guard lock{known_->mutex};
  if (known_->read.size() < kKept) known_->read.emplace(pem, *certificate);
  return certificate;
}

bool IssuerCache::issued(const Certificate& below, const Certificate& issuer) {
  const std::pair key{below.fingerprint(), issuer.fingerprint()};
  {
    const std::lock_guard lock{known_->mutex};
    if (const auto known = known_->issued.find(key); known != known_->issued.end()) return known->second;
  }
  const bool issued = below.issued_by(issuer);
  const std::lock_guard lock{known_->mutex};
  if (known_->issued.size() < kKept) known_->issued.emplace(key, issued);
  return issued;
}

}  // namespace chiploc
