#pragma once
// Tokens by which newcomers get their first certificate, or their chip's row in the registry. Of a token its SHA-256 is known here; nothing is ever taken away.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "server/storage/records.hpp"
#include "server/storage/store_fault.hpp"

namespace chiploc {

enum class EnrolmentState : std::uint8_t { kOpen, kUsed, kRevoked, kExpired };
/// "open", "used", "revoked", "expired".
[[nodiscard]] std::string_view name_of(EnrolmentState state);

struct Enrolment {
  std::uint64_t number = 0;  ///< 1, 2, ...; the store gives it
  Digest token_sha256{};
  std::string kind{}, name{};               ///< whom it is for
  std::string holder{};                     ///< of a site; empty: none
  std::string maker{}, model{}, licence{};  ///< of an agent's chip; empty: it is no agent
  std::string reason{};
  Requester by{""};
  WallTime at{}, until{};
  EnrolmentState state =
      EnrolmentState::kOpen;  ///< as it was told last: one that is over by now may be open here
  std::optional<WallTime> used{};
  std::optional<Digest> used_key{};  ///< SHA-256 of the public key (SPKI) that it was used with
  std::string used_from{};           ///< the address
  std::optional<WallTime> revoked{};
  std::string revoked_by{};
};

enum class EnrolmentStepKind : std::uint8_t { kMade, kUsed, kRepeated, kRefused, kRevoked, kExpired };
[[nodiscard]] std::string_view name_of(EnrolmentStepKind kind);
struct EnrolmentStep {
  WallTime at{};
  EnrolmentStepKind kind{};
  std::string who{};   ///< a person, or the address that it came from
  std::string note{};  ///< of a refusal: why
};

/// Refusals, and repetitions, that stand in one token's story; later ones are not written: a stranger fills no disk.
inline constexpr std::uint64_t kEnrolmentRefusalsKept = 32;
inline constexpr std::size_t kEnrolmentTextMax = 256;

enum class EnrolmentRefusal : std::uint8_t { kUnknown, kUsed, kRevoked, kExpired };
/// "unknown", "used", ...: for logs and counters; whoever came is told none of them.
[[nodiscard]] std::string_view name_of(EnrolmentRefusal refusal);
struct Redemption {
  std::optional<EnrolmentRefusal> refusal{};  ///< nullopt: it counts
  Enrolment enrolment{};                      ///< of a known token
  bool again = false;                         ///< it had been used with this very key before
};

struct EnrolmentQuery {
  std::optional<WallTime> open_at{};      ///< those alone that can be used then
  std::optional<std::uint64_t> before{};  ///< numbers below: where the page before ended
  std::size_t limit = 100;                ///< at most 1,000
};

class EnrolmentReader {
 public:
  EnrolmentReader() = default;
  EnrolmentReader(const EnrolmentReader&) = delete;
  EnrolmentReader& operator=(const EnrolmentReader&) = delete;
  virtual ~EnrolmentReader() = default;

  /// Newest first.
  virtual Stored<std::vector<Enrolment>> enrolments(const EnrolmentQuery& query) = 0;
  /// Oldest first; 100 at most.
  virtual Stored<std::vector<EnrolmentStep>> enrolment_steps(std::uint64_t number) = 0;
};

class EnrolmentStore : public EnrolmentReader {
 public:
  /// An open one: of `enrolment` number and what comes after `until` do not count. Before that it tells of all that are over.
  /// kConflict where `open_most` are open; kInvalid without a kind, a name, an author, an end behind its beginning, or with a
  /// text of more than kEnrolmentTextMax bytes.
  virtual Stored<std::uint64_t> make_enrolment(const Enrolment& enrolment, std::size_t open_most) = 0;
  /// kNotFound; kConflict where it is open no longer: which is told.
  virtual Stored<Done> revoke_enrolment(std::uint64_t number, const std::string& by, WallTime now) = 0;
  /// Uses an open token up, with this public key, or finds that it was used with it before its end. A refusal is no fault: it
  /// stands in the token's story.
  virtual Stored<Redemption> redeem(const Digest& token_sha256, const Digest& key_sha256,
                                    const std::string& from, WallTime now) = 0;
};

}  // namespace chiploc
