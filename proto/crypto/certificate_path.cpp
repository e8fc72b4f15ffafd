// Paths are searched here, by key, and each one found is handed to X509_verify_cert alone. OpenSSL's own
// search takes the first issuer whose name (and key identifier, if given) fits, and its search for a list the
// best by its own score.
#include <algorithm>

#include "proto/crypto/authority_key.hpp"
#include "proto/crypto/certificate_extensions.hpp"
#include "proto/crypto/certificate_path.hpp"
#include "proto/crypto/certificate_status.hpp"
#include "proto/crypto/openssl_handles.hpp"

namespace chiploc {
namespace {

using Code = CertificateFault::Code;
using StorePtr = OpensslPtr<X509_STORE, X509_STORE_free>;
using StoreContextPtr = OpensslPtr<X509_STORE_CTX, X509_STORE_CTX_free>;

/// A stack that borrows its certificates.
struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using StackPtr = std::unique_ptr<STACK_OF(X509), FreeStack>;

constexpr int kIntermediatesMax = 2;
constexpr int kSecurityLevel = 2;  // 112 bits: refuses SHA-1 and MD5 signatures

Code code_of(int error) {
  switch (error) {
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Code::kNotYetValid;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return Code::kExpired;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return Code::kBadSignature;
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
      return Code::kNotACa;
    default:
      return Code::kUntrusted;
  }
}

Fail<CertificateFault> fail(Code code, const Certificate& certificate, const std::string& what) {
  return Fail{CertificateFault{code, "certificate \"" + certificate.subject() + "\": " + what}};
}

ByteVector spki_of(const Certificate& certificate) {
  std::uint8_t* data = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.native_without_key()), &data);
  ByteVector spki;
  if (size > 0) spki.assign(data, data + size);
  OPENSSL_free(data);
  return spki;
}

// For X509_verify_cert, which would let a key identifier overrule the key: by name where one certificate of
// the path has it (the signature is verified in any case), else by the key.
int issued_by_name(X509_STORE_CTX* /*context*/, X509* certificate, X509* issuer) {
  return names_issuer(certificate, issuer) ? 1 : 0;
}
int issued_by_key(X509_STORE_CTX* /*context*/, X509* certificate, X509* issuer) {
  return has_issued(issuer, certificate) ? 1 : 0;
}

int forgive_named_extensions(int good, X509_STORE_CTX* context) {
  if (good == 1 || X509_STORE_CTX_get_error(context) != X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION) return good;
  if (!unknown_critical_extension(X509_STORE_CTX_get_current_cert(context)).empty()) return 0;
  X509_STORE_CTX_set_error(context, X509_V_OK);
  return 1;
}

const Certificate& at_fault(X509_STORE_CTX* context, const CertificatePath& path) {
  X509* current = X509_STORE_CTX_get_current_cert(context);
  const auto found = std::find_if(path.begin(), path.end(), [current](const Certificate& certificate) {
    return current != nullptr && X509_cmp(current, certificate.native()) == 0;
  });
  return found == path.end() ? path.front() : *found;
}

/// Everything about one path but revocation.
Result<Done, CertificateFault> check_path(const CertificatePath& path, WallTime now) {
  const Certificate& device = path.front();
  const StorePtr store{X509_STORE_new()};
  const StackPtr untrusted{sk_X509_new_null()};
  const StoreContextPtr context{X509_STORE_CTX_new()};
  if (!store || !untrusted || !context) return fail(Code::kUntrusted, device, "out of memory");
  X509_STORE_add_cert(store.get(), path.back().native());
  X509_STORE_set_check_issued(store.get(), names_differ(path) ? issued_by_name : issued_by_key);
  for (std::size_t i = 1; i + 1 < path.size(); ++i) sk_X509_push(untrusted.get(), path[i].native());
  if (X509_STORE_CTX_init(context.get(), store.get(), device.native(), untrusted.get()) != 1) {
    return fail(Code::kUntrusted, device, take_openssl_reason());
  }
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_STORE_CTX_set_verify_cb(context.get(), forgive_named_extensions);
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);  // a trusted CA need not be self-signed
  X509_VERIFY_PARAM_set_time(parameters, static_cast<std::time_t>(unix_seconds(now)));
  X509_VERIFY_PARAM_set_depth(parameters, kIntermediatesMax);
  X509_VERIFY_PARAM_set_auth_level(parameters, kSecurityLevel);

  const bool verified = X509_verify_cert(context.get()) == 1;
  const int error = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  if (!verified || error != X509_V_OK) {
    const Certificate& culprit = at_fault(context.get(), path);
    std::string what = X509_verify_cert_error_string(error);
    if (error == X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION) {
      what = "its critical extension " + unknown_critical_extension(culprit.native()) +
             " is not known here, and nobody may overlook what is critical; known are those of TCG DICE, "
             "RIoT and Open DICE (proto/README.md)";
    }
    return fail(code_of(error), culprit, what);
  }
  // X509_verify_cert lets some ancient kinds of CA pass; every issuer here says that it is one.
  const auto id = device.device_id();
  for (std::size_t i = 1; i < path.size(); ++i) {
    if (X509_check_ca(path[i].native()) != 1)
      return fail(Code::kNotACa, path[i], "its basic constraints do not make it a CA");
    const auto key = check_authority_key(spki_of(path[i]));
    if (!key) return fail(Code::kUnsupportedKey, path[i], key.error().text);
    const auto own = path[i].device_id();
    if (i + 1 < path.size() && id && own && *own != *id)
      return fail(Code::kUntrusted, path[i], "it is the device CA of another chip, " + own->hex());
  }
  return Done{};
}

/// Collects every path from a device to a trusted CA, bounded.
class PathSearch {
 public:
  PathSearch(std::span<const Certificate> intermediates, std::span<const Certificate> trusted)
      : intermediates_{intermediates.first(std::min(intermediates.size(), kIntermediatesTried))},
        trusted_{trusted} {}

  std::vector<CertificatePath> run(const Certificate& device) {
    CertificatePath path{device};
    extend(path);
    return std::move(paths_);
  }
  /// Some CA has the name of the device's issuer, and none its key.
  [[nodiscard]] bool only_names() const { return named_ && !keyed_; }

 private:
  static constexpr std::size_t kIntermediatesTried = 8;
  static constexpr std::size_t kPathsMax = 64;
  /// One longer than allowed, so that X509_verify_cert says so.
  static constexpr std::size_t kLengthMax = kIntermediatesMax + 3;

  struct Candidate {
    const Certificate* authority;
    bool trusted;
  };

  void extend(CertificatePath& path) {
    const std::vector<Candidate> candidates = named_issuers(path);
    for (const Candidate& candidate : candidates) {
      if (paths_.size() >= kPathsMax) return;
      // The only one of its name is taken unseen: X509_verify_cert verifies the signature.
      if (candidates.size() > 1 && !has_issued(*candidate.authority, path.back())) continue;
      keyed_ = true;
      path.push_back(*candidate.authority);
      if (candidate.trusted) {
        paths_.push_back(path);
      } else {
        extend(path);
      }
      path.pop_back();
    }
    named_ = named_ || !candidates.empty();
  }

  [[nodiscard]] std::vector<Candidate> named_issuers(const CertificatePath& path) const {
    const auto known = [](auto first, auto last, const Certificate& one) {
      return std::any_of(first, last,
                         [&](const Certificate& other) { return other.fingerprint() == one.fingerprint(); });
    };
    std::vector<Candidate> out;
    for (const Certificate& authority : trusted_) {
      if (names_issuer(path.back(), authority) && !known(path.begin() + 1, path.end(), authority))
        out.push_back({&authority, true});
    }
    if (path.size() + 1 >= kLengthMax) return out;
    for (const Certificate& authority : intermediates_) {
      if (names_issuer(path.back(), authority) && !known(path.begin(), path.end(), authority) &&
          !known(trusted_.begin(), trusted_.end(), authority))
        out.push_back({&authority, false});
    }
    return out;
  }

  std::span<const Certificate> intermediates_;
  std::span<const Certificate> trusted_;
  std::vector<CertificatePath> paths_;
  bool named_ = false;
  bool keyed_ = false;
};

/// Of several paths' faults the one to report: first what nobody can say, then what somebody said.
int rank_of(Code code) {
  switch (code) {
    case Code::kCrlStale:
    case Code::kCrlUnusable:
      return 4;
    case Code::kRevoked:
      return 3;
    case Code::kExpired:
    case Code::kNotYetValid:
      return 2;
    default:
      return 1;
  }
}

}  // namespace

bool names_differ(std::span<const Certificate> path) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    for (std::size_t k = i + 1; k < path.size(); ++k) {
      if (X509_NAME_cmp(X509_get_subject_name(path[i].native_without_key()),
                        X509_get_subject_name(path[k].native_without_key())) == 0)
        return false;
    }
  }
  return true;
}

Result<Done, CertificateFault> check_device(const Certificate& device) {
  X509* x509 = device.native_without_key();
  if (device.is_authority()) return fail(Code::kWrongPurpose, device, "a CA is no device");
  // Both functions return all ones where the extension is absent.
  if ((X509_get_key_usage(x509) & KU_DIGITAL_SIGNATURE) == 0) {
    return fail(Code::kWrongPurpose, device, "its key usage lacks digitalSignature");
  }
  // Attestation has several purposes of its own (TCG's, DICE's), which OpenSSL does not know and shows as 0.
  const std::uint32_t extended = X509_get_extended_key_usage(x509);
  if (extended != 0 && (extended & (XKU_SSL_CLIENT | XKU_ANYEKU)) == 0) {
    return fail(Code::kWrongPurpose, device,
                "its extended key usage is for servers, code, mail or time stamps only");
  }
  if (!device.device_id()) {
    return fail(Code::kNoChipId, device,
                "the subject's serialNumber is not an id of 16 to 32 bytes (32 to 64 hex digits)");
  }
  return Done{};
}

Result<CertificatePath, CertificateFault> find_path(const Certificate& device,
                                                    std::span<const Certificate> intermediates,
                                                    std::span<const Certificate> trusted, WallTime now,
                                                    std::span<const RevocationList> revoked) {
  if (const auto key = device.public_key(); !key)
    return fail(Code::kUnsupportedKey, device, key.error().text);
  PathSearch search{intermediates, trusted};
  const std::vector<CertificatePath> paths = search.run(device);
  std::optional<CertificateFault> worst;
  for (const CertificatePath& path : paths) {
    auto good = check_path(path, now);
    if (good && !revoked.empty()) good = check_revocation(path, trusted, revoked, now);
    if (good) return path;
    if (!worst || rank_of(good.error().code) > rank_of(worst->code)) worst = good.error();
  }
  if (worst) return Fail{*std::move(worst)};
  if (search.only_names())
    return fail(Code::kBadSignature, device,
                "an authority has the name of its issuer, but none of that name has the key that signed it");
  return fail(Code::kUntrusted, device, "no path leads from it to one of the authorities given");
}

Result<Done, CertificateFault> verify_device(const Certificate& device,
                                             std::span<const Certificate> intermediates,
                                             std::span<const Certificate> trusted, WallTime now,
                                             std::span<const RevocationList> revoked) {
  const auto path = find_path(device, intermediates, trusted, now, revoked);
  if (!path) return Fail{path.error()};
  return check_device(device);
}

}  // namespace chiploc
