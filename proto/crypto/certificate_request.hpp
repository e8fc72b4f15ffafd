#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "proto/crypto/certificate.hpp"
#include "proto/crypto/keys.hpp"

namespace chiploc {

/// What a request asks for. The authority decides; it only compares.
struct RequestSubject {
  std::string common_name;          ///< 1 to 64 bytes
  std::string organizational_unit;  ///< the role; may be empty
  std::string serial_number{};      ///< of a chip: its id in hex; may be empty
  std::vector<std::string> dns_names{};
  std::vector<std::string> ip_addresses{};  ///< IPv4 or IPv6 text
};

/// A request for a certificate (PKCS #10, RFC 2986) over this key, which signs it and stays where it is.
/// Returns PEM, "BEGIN CERTIFICATE REQUEST". Fails with kNotIssued: a name that does not fit, a key that will
/// not sign.
[[nodiscard]] Result<std::string, CertificateFault> make_request(const RequestSubject& subject,
                                                                 const Signer& key);

/// A request that was signed by the key it names: whoever sent it has the private half. Immutable.
class CertificateRequest {
 public:
  /// Exactly one PEM block, with text around it or not; at most kSizeMax bytes of DER. Fails with kMalformed,
  /// kUnsupportedKey (not Ed25519, P-256 or P-384) and kBadSignature.
  [[nodiscard]] static Result<CertificateRequest, CertificateFault> from_pem(std::string_view pem);
  [[nodiscard]] static Result<CertificateRequest, CertificateFault> from_der(Bytes der);
  static constexpr std::size_t kSizeMax = 16'384;

  [[nodiscard]] const PublicKey& public_key() const { return key_; }
  /// The subject's only CN or OU; empty if there is none, or more than one.
  [[nodiscard]] const std::string& common_name() const { return common_name_; }
  [[nodiscard]] const std::string& organizational_unit() const { return organizational_unit_; }
  /// The DNS names and IP addresses that it asks for.
  [[nodiscard]] const std::vector<std::string>& hosts() const { return hosts_; }

 private:
  CertificateRequest(PublicKey key, std::string common_name, std::string unit, std::vector<std::string> hosts)
      : key_{std::move(key)},
        common_name_{std::move(common_name)},
        organizational_unit_{std::move(unit)},
        hosts_{std::move(hosts)} {}
  PublicKey key_;
  std::string common_name_;
  std::string organizational_unit_;
  std::vector<std::string> hosts_;
};

}  // namespace chiploc
