#include "proto/crypto/device_verifier.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <unordered_map>

#include "proto/crypto/certificate_extensions.hpp"
#include "proto/crypto/certificate_path.hpp"
#include "proto/crypto/certificate_status.hpp"
#include "proto/crypto/openssl_handles.hpp"

namespace chiploc {
namespace {

/// The certificates above a device, its issuer first, as verify_device() accepted them.
using Above = std::shared_ptr<const CertificatePath>;

/// Extensions that say something of their own certificate and nothing of one above or below it: names below an
/// authority, addresses and policies are not among them.
bool is_of_its_own(int nid) {
  constexpr std::array kOwn{NID_basic_constraints,        NID_key_usage,       NID_ext_key_usage,
                            NID_subject_key_identifier,   NID_info_access,     NID_subject_alt_name,
                            NID_authority_key_identifier, NID_issuer_alt_name, NID_crl_distribution_points};
  return std::find(kOwn.begin(), kOwn.end(), nid) != kOwn.end();
}

bool has_plain_extensions(const X509* x509) {
  const int count = X509_get_ext_count(x509);
  for (int i = 0; i < count; ++i) {
    X509_EXTENSION* extension = X509_get_ext(x509, i);
    const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
    // One without a number is none that OpenSSL reads.
    if (nid != NID_undef && !is_of_its_own(nid)) return false;
  }
  return unknown_critical_extension(x509).empty();
}

/// Whether all that X509_verify_cert asks of a device's own certificate, and of no other beside it, is there.
bool is_plain(const Certificate& device, WallTime now) {
  X509* x509 = device.native_without_key();
  constexpr std::uint32_t kUnusual =
      EXFLAG_INVALID | EXFLAG_PROXY | EXFLAG_SI | EXFLAG_SS | EXFLAG_CA | EXFLAG_INVALID_POLICY;
  constexpr long kVersion3 = 2;
  if (X509_get_version(x509) != kVersion3 || (X509_get_extension_flags(x509) & kUnusual) != 0 ||
      !has_plain_extensions(x509) || !device.public_key())
    return false;
  // As X509_verify_cert compares them; 0 is a time in a form that it does not take.
  std::time_t at = static_cast<std::time_t>(unix_seconds(now));
  return X509_cmp_time(X509_get0_notBefore(x509), &at) < 0 &&
         X509_cmp_time(X509_get0_notAfter(x509), &at) > 0;
}

/// Whether nothing in the certificates above a device asks anything of the device.
bool asks_nothing(std::span<const Certificate> above) {
  for (std::size_t i = 0; i < above.size(); ++i) {
    if (!has_plain_extensions(above[i].native_without_key())) return false;
    if (i + 1 < above.size() && above[i].device_id()) return false;  // a device's own CA
  }
  return true;
}

/// Signatures with a digest of today; others are X509_verify_cert's to weigh.
bool is_of_today(const X509* x509) {
  constexpr std::array kSchemes{
      NID_ecdsa_with_SHA256,       NID_ecdsa_with_SHA384,       NID_ecdsa_with_SHA512,      NID_ED25519,
      NID_sha256WithRSAEncryption, NID_sha384WithRSAEncryption, NID_sha512WithRSAEncryption};
  return std::find(kSchemes.begin(), kSchemes.end(), X509_get_signature_nid(x509)) != kSchemes.end();
}

/// What a device's certificate has in common with others of its issuer: the issuer's name as it is written, the key
/// identifier that it gives (which tells renewed keys of one name apart, and decides nothing), and what stands
/// between it and the trusted.
std::string place_of(const Certificate& device, std::span<const Certificate> intermediates) {
  std::uint8_t* name = nullptr;
  const int size = i2d_X509_NAME(X509_get_issuer_name(device.native_without_key()), &name);
  std::string out;
  if (size > 0) out.assign(name, name + size);
  OPENSSL_free(name);
  if (const ASN1_OCTET_STRING* key = X509_get0_authority_key_id(device.native_without_key()))
    out += string_of(Bytes{ASN1_STRING_get0_data(key), static_cast<std::size_t>(ASN1_STRING_length(key))});
  out += '\n';
  for (const Certificate& one : intermediates) out += string_of(one.fingerprint().bytes);
  return out;
}

}  // namespace

struct DeviceVerifier::Known {
  std::mutex mutex;                              // guards what follows
  std::unordered_map<std::string, Above> above;  ///< null: asks something of the device
  std::atomic<std::size_t> plain_ones{0};

  /// nullopt: none was met yet.
  std::optional<Above> find(const std::string& place) {
    const std::lock_guard lock{mutex};
    const auto at = above.find(place);
    return at == above.end() ? std::nullopt : std::optional{at->second};
  }
  void add(std::string place, Above path) {
    const std::lock_guard lock{mutex};
    if (above.size() < kKept) above.emplace(std::move(place), std::move(path));
  }
};

DeviceVerifier::DeviceVerifier(std::span<const Certificate> trusted, WallTime now,
                               std::span<const RevocationList> revoked)
    : trusted_{trusted}, now_{now}, revoked_{revoked}, known_{std::make_unique<Known>()} {}
DeviceVerifier::DeviceVerifier(DeviceVerifier&&) noexcept = default;
DeviceVerifier::~DeviceVerifier() = default;

std::size_t DeviceVerifier::plain_ones() const { return known_->plain_ones; }

Result<Done, CertificateFault> DeviceVerifier::verify(const Certificate& device,
                                                      std::span<const Certificate> intermediates) const {
  const bool plain = is_plain(device, now_) && is_of_today(device.native_without_key());
  std::string place = plain ? place_of(device, intermediates) : std::string{};
  const std::optional<Above> known = plain ? known_->find(place) : std::nullopt;
  if (known && *known != nullptr && has_issued((*known)->front(), device)) {
    CertificatePath path{device};
    path.insert(path.end(), (*known)->begin(), (*known)->end());
    if (names_differ(path) && (revoked_.empty() || check_revocation(path, trusted_, revoked_, now_))) {
      ++known_->plain_ones;
      return check_device(device);
    }
  }
  const auto path = find_path(device, intermediates, trusted_, now_, revoked_);
  if (!path) return Fail{path.error()};
  if (plain && !known) {
    CertificatePath above(path->begin() + 1, path->end());
    const bool good = names_differ(*path) && asks_nothing(above);
    known_->add(std::move(place), good ? std::make_shared<const CertificatePath>(std::move(above)) : nullptr);
  }
  return check_device(device);
}

}  // namespace chiploc
