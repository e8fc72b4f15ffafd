#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

namespace chiploc {

/// Debug state of the chip (RFC 9711, section 4.2.9): the numbers are the RFC's.
enum class DebugState : std::uint8_t {
  kEnabled = 0,
  kDisabled = 1,
  kDisabledSinceBoot = 2,
  kDisabledPermanently = 3,
  kDisabledFullyAndPermanently = 4,
};
/// "enabled", "disabled", "disabled-since-boot", "disabled-permanently", "disabled-fully-and-permanently".
[[nodiscard]] std::string_view name_of(DebugState state);
[[nodiscard]] std::optional<DebugState> debug_state_from_name(std::string_view name);

/// What the chip says at the end of a round: an Entity Attestation Token (RFC 9711) as a CWT claims set.
///
///     6 iat | 10 eat_nonce bstr 16 | 256 ueid bstr 17: 0x01 | chip | 259 hwmodel bstr | 263 dbgstat |
///     265 eat_profile | 267 bootcount | 271 swversion [tstr] | 273 measurements [[42, bstr 32]] |
///     -70001 round bstr 16 | -70002 round counter | -70003 {anchor index => bstr 32} | -70004 coordinator
///     bstr 16
///
/// All of them and no others, in the deterministic encoding of RFC 8949, section 4.2.1.
struct Statement {
  static constexpr std::string_view kProfile = "tag:chiploc,2026:statement-1";
  static constexpr std::size_t kTextMax = 64;  ///< bytes of hardware_model and firmware_version

  struct AnchorTranscript {
    std::uint8_t anchor_index = 0;  ///< below kAnchorsMax
    Digest transcript;
    friend auto operator<=>(const AnchorTranscript&, const AnchorTranscript&) = default;
  };

  std::uint64_t issued_at = 0;  ///< the chip's clock, Unix seconds, at most 9,000,000,000
  Nonce nonce;                  ///< of the close order
  ChipId chip;
  std::string hardware_model;    ///< 1 to kTextMax bytes of UTF-8 without control characters
  std::string firmware_version;  ///< likewise
  Digest firmware_measurement;
  DebugState debug_state{};
  std::uint64_t boot_count = 0;
  RoundId round;
  std::uint64_t round_counter = 0;
  CoordinatorId coordinator;
  std::vector<AnchorTranscript> transcripts;  ///< 1 to kAnchorsMax, ascending by index

  friend bool operator==(const Statement&, const Statement&) = default;
};

/// Why a statement was refused. The numbers are stored; never reuse one.
enum class StatementFault : std::uint8_t {
  kTooLarge = 1,          ///< more than kStatementMax bytes
  kMalformed = 2,         ///< not the CBOR structure that it should be
  kNotDeterministic = 3,  ///< long integers, indefinite lengths, unsorted or repeated keys
  kUnexpectedHeader = 4,  ///< a header parameter more or less than the profile's
  kWrongAlgorithm = 5,    ///< the header's algorithm is not the key's
  kWrongCertificate = 6,  ///< signed with the key, but the header names another certificate over it
  kBadSignature = 7,
  kWrongProfile = 8,  ///< an eat_profile other than ours
  kMissingClaim = 9,
  kUnknownClaim = 10,
  kClaimOutOfRange = 11,  ///< a claim of the wrong type, size or value
};
inline constexpr std::uint8_t kStatementFaultLast = 11;
[[nodiscard]] std::string_view name_of(StatementFault fault);

/// The claims set. Fails with kClaimOutOfRange (see the fields) or kTooLarge.
[[nodiscard]] Result<ByteVector, StatementFault> encode_claims(const Statement& statement);
/// Inverse. Fails with kMalformed, kNotDeterministic, kWrongProfile, k...Claim...
[[nodiscard]] Result<Statement, StatementFault> parse_claims(Bytes claims);

}  // namespace chiploc
