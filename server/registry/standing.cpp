#include "server/registry/standing.hpp"

namespace chiploc {

Result<Done, CertificateFault> vouched_for(const Registry& registry, std::string_view maker,
                                           const Certificate& certificate, WallTime now) {
  const auto authorities = registry.authorities(maker);
  if (authorities.empty()) {
    return Fail{
        CertificateFault{CertificateFault::Code::kUntrusted,
                         "its maker \"" + std::string{maker} + "\" has no authority in the registry"}};
  }
  const MakerRevocations* revocations = registry.revocations(maker);
  if (revocations == nullptr) return verify_device(certificate, {}, authorities, now);
  return verify_device(certificate, {}, authorities, now, revocations->lists);
}

}  // namespace chiploc
