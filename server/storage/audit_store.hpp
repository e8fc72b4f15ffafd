#pragma once
// Who looked at what is sealed, when, and why. Nothing is ever taken away: an entry is some 300 bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/time.hpp"
#include "server/storage/records.hpp"
#include "server/storage/store_fault.hpp"

namespace chiploc {

struct AuditEntry {
  std::uint64_t number = 0;  ///< 1, 2, ...; the store gives it
  WallTime at{};
  Requester by{""};                 ///< the name, and the certificate if there was one
  std::string role{};               ///< the role's word
  std::string issuer{}, account{};  ///< of a token: `iss` and `sub`; both empty for a certificate
  std::string method{};             ///< "chiploc.v1.OperatorService.GetVerdict"
  std::string subject{};            ///< what was asked for, as it was asked
  std::string reason{};             ///< as they gave it; empty: none was needed
  std::uint64_t records = 0;        ///< how many the answer had
};

/// Bytes of an entry's texts: more is refused. Whoever writes them cuts.
inline constexpr std::size_t kAuditNameMax = 256, kAuditTextMax = 512;

struct AuditQuery {
  std::optional<std::string> name{};      ///< of this person alone
  std::optional<WallTime> since{};        ///< at or after
  std::optional<std::uint64_t> before{};  ///< numbers below: where the page before ended
  std::size_t limit = 100;                ///< at most 1,000
};

class AuditReader {
 public:
  AuditReader() = default;
  AuditReader(const AuditReader&) = delete;
  AuditReader& operator=(const AuditReader&) = delete;
  virtual ~AuditReader() = default;

  /// Newest first.
  virtual Stored<std::vector<AuditEntry>> audit_entries(const AuditQuery& query) = 0;
};

class AuditStore : public AuditReader {
 public:
  /// As given, but for its number, which comes back. kInvalid: no name, role, method, or a text that is too long.
  virtual Stored<std::uint64_t> note(const AuditEntry& entry) = 0;
};

}  // namespace chiploc
