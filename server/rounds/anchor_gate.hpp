#pragma once
// What an anchor sends, looked at before it costs the coordinator's thread or the store anything.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "proto/base/result.hpp"
#include "proto/crypto/keys.hpp"
#include "proto/v1/anchor_service.pb.h"
#include "server/registry/registry.hpp"
#include "server/rounds/round.hpp"
#include "server/storage/records.hpp"

namespace chiploc {

/// Bounds on what one anchor may send. Honest anchors stay far below each of them.
struct AnchorLimits {
  /// Pairs in one mesh window. The coordinator names 64 peers to an anchor; older ones named the whole mesh.
  static constexpr std::size_t kMeshPairs = 1'024;
  /// Chips in one note of who knocked.
  static constexpr std::size_t kKnockNotes = 2'048;
  /// Messages of one anchor that wait for the coordinator's thread or the store, and their bytes. At that
  /// many its stream is read no further until some are done: HTTP/2's flow control then stops the anchor.
  static constexpr std::size_t kPendingMessages = 64;
  static constexpr std::size_t kPendingBytes = std::size_t{1} << 20;
  /// One message of any kind: a stream that brings a longer one is ended before that is parsed.
  static constexpr std::size_t kMessageBytes = std::size_t{4} << 20;
  /// Reports, and statements, of one anchor that one round keeps: the first, and two more that show that it
  /// contradicts itself.
  static constexpr std::size_t kKeptOfSeat = kKeptOfAnchorAndRound;
};

/// The most bytes that a message of this kind may have. What exceeds it is dropped and counted.
[[nodiscard]] std::size_t bytes_max(v1::AnchorMessage::BodyCase kind);
/// "report", "mesh", ...; "other" for what has no body.
[[nodiscard]] std::string_view name_of(v1::AnchorMessage::BodyCase kind);

/// Why a message was dropped. Each is counted for each anchor, by kind and reason.
enum class Dropped : std::uint8_t {
  kTooLarge,      ///< more bytes, or pairs, than its kind may have
  kUnreadable,    ///< does not parse, or an id has the wrong size
  kSignature,     ///< not signed by the key that it names
  kForeign,       ///< names another anchor than the one that sends it
  kUnregistered,  ///< of an anchor, or a chip, that the registry does not know now
  kNoSeat,        ///< of a round that this anchor has no part in
  kSurplus,       ///< more of one round than is kept
};
/// Stable lower_snake_case name, for counters and logs.
[[nodiscard]] std::string_view name_of(Dropped reason);

struct ReportIn {
  RoundId round;
  ReportSummary summary;
  ByteVector bytes;  ///< v1::SignedReport
};
struct StatementIn {
  RoundId round;
  ByteVector bytes;
};
/// A chip that knocked at an anchor, and is registered; v1::KnockNotes.
struct KnockHeard {
  ChipId chip;
  Nanoseconds age{0};
  std::uint32_t knocks = 0;
  std::uint32_t elsewhere = 0;
  std::uint32_t proofs_refused = 0;
};
struct KnocksIn {
  std::vector<KnockHeard> heard;
};
/// A message that may be looked at: of a size that its kind allows, whole, signed by who must have signed it.
struct AnchorInput {
  std::uint64_t spool_id = 0;
  std::variant<v1::Prepared, v1::CannotPrepare, v1::SessionProgress, v1::Heartbeat, ReportIn, StatementIn,
               StoredKnock, MeshRecord, KnocksIn, v1::Hello>
      body;
};

/// Checks one message of `anchor`, whose report key is `key`. Pure; takes one or two signature verifications
/// at most (0.1 ms; a knock of a P-384 chip 1 ms), so it belongs on the thread that read the message.
///
/// Statements are unsigned as far as anchors go: whether the chip signed one is judged in its round. Whether
/// an anchor has a seat in a round is known to the round and the store alone.
/// Mesh        pairs with anchors that are not registered, or named twice in a window, are left out:
///             `MeshRecord::pairs` never holds more than the registry and kMeshPairs allow.
/// Knocks      of chips that are not registered, or named twice in a note, are left out likewise.
[[nodiscard]] Result<AnchorInput, Dropped> check_message(const v1::AnchorMessage& message,
                                                         const AnchorId& anchor, const PublicKey& key,
                                                         const Registry& registry);

}  // namespace chiploc
