#pragma once
// What a witness answers to add-checkpoint, read by the log that asked. Pure: no connection, nothing is believed unchecked.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "server/evidence/checkpoint.hpp"

namespace chiploc {

/// Why there is no cosignature: a sentence that names the witness and says what to do.
struct CosignFault {
  enum class Code : std::uint8_t {
    kUnreachable,  ///< no answer: name, connection, certificate, time
    kBusy,         ///< 429, 503: it has too much to do
    kOwnTrouble,   ///< another 5xx
    kUnknownLog,   ///< 404
    kSignature,    ///< 403: the log's signature does not count there
    kAhead,        ///< 409: it has cosigned a larger tree of this log
    kForked,       ///< 409: it has cosigned another tree of this size
    kMoved,        ///< 409 again: somebody else's submission came in between
    kProof,        ///< 422: the tree did not grow out of what it has cosigned
    kRefused,      ///< another status
    kBadAnswer,    ///< 200 without a good cosignature of its own, or nothing that the protocol has
    kNoProof,      ///< the log could not prove its growth: nothing was asked
    kStopped       ///< CosignClient::stop()
  };
  Code code{};
  std::string text;
};
[[nodiscard]] std::string_view name_of(CosignFault::Code code);

struct CosignReply {
  int status = 0;
  std::string_view content_type;
  std::string_view body;
};
/// The size from which the witness wants the growth proved: at most the checkpoint's.
struct ProveFrom {
  std::uint64_t size = 0;
};
using CosignAnswer = std::variant<NoteSignature, ProveFrom, CosignFault>;

/// A cosignature counts if it is by `witness`, a key of a type with a time, over this checkpoint; others are ignored.
[[nodiscard]] CosignAnswer read_cosign_reply(const CosignReply& reply, const SignedCheckpoint& head,
                                             const NoteKey& witness);

}  // namespace chiploc
