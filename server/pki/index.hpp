#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/crypto/certificate.hpp"
#include "server/pki/fault.hpp"

namespace chiploc {

/// One certificate that the authority issued.
struct IssuedRecord {
  std::string serial;  ///< as Certificate::serial()
  std::string role;
  std::string name;
  std::string holder{};  ///< whose rows alone it shows; empty: everybody's
  std::string sha256;    ///< of the certificate's DER, in hex
  WallTime not_before;
  WallTime not_after;
  std::optional<RevokedCertificate> revoked{};

  friend bool operator==(const IssuedRecord& a, const IssuedRecord& b);
};

enum class IssuedState : std::uint8_t {
  kValid,
  kEnding,  ///< valid, and near its end (certificate_life.hpp)
  kExpired,
  kRevoked,
};
[[nodiscard]] std::string_view name_of(IssuedState state);
[[nodiscard]] IssuedState state_of(const IssuedRecord& record, WallTime now);

/// What an authority knows of itself and of all that it has issued, in the order of issue. One file, replaced
/// as a whole.
struct PkiIndex {
  std::string key;                ///< where the authority's key is, as KeyOptions::uri
  std::uint64_t list_number = 0;  ///< of the newest revocation list
  std::vector<IssuedRecord> certificates;

  static constexpr std::size_t kCertificatesMax = 100'000;
  static constexpr std::size_t kBytesMax = 64U << 20U;

  /// Reads what text() has written. Fails with kBadData: the field that is wrong.
  [[nodiscard]] static PkiResult<PkiIndex> from_text(std::string_view text);
  [[nodiscard]] std::string text() const;

  /// The certificate of that serial number, or null.
  [[nodiscard]] IssuedRecord* by_serial(std::string_view serial);
  /// All of that name, the newest last; or the one of that serial number.
  [[nodiscard]] std::vector<const IssuedRecord*> find(std::string_view name_or_serial) const;
};

}  // namespace chiploc
