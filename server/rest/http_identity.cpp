#include "server/rest/http_identity.hpp"

#include "proto/base/bytes.hpp"
#include "proto/crypto/certificate.hpp"

namespace chiploc {
namespace {

Fail<ApiFault> nobody(std::string why) {
  return Fail{ApiFault{ApiFaultCode::kNoCertificate, std::move(why)}};
}

}  // namespace

Answer<Identity> identity_of_certificate(const HttpRequest& request) {
  if (!request.certificate)
    return nobody("no client certificate came with the connection; send one of this coordinator's authority");
  const auto certificate = Certificate::from_der(bytes_of(*request.certificate));
  if (!certificate) return nobody("the client certificate cannot be read; have it issued again");
  Identity identity{certificate->common_name(),
                    certificate->organizational_unit(),
                    certificate->organizations(),
                    certificate->fingerprint(),
                    {},
                    std::make_shared<const Certificate>(*certificate)};
  if (identity.common_name.empty() || identity.unit.empty())
    return nobody("the client certificate must have exactly one CN and one OU; have it issued again");
  return identity;
}

}  // namespace chiploc
