#pragma once
// What a round left behind, and which of it was judged.

#include <optional>
#include <utility>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/wire/ticket.hpp"

namespace chiploc {

/// Everything that a round brought in, before anybody has judged it. Reports and statements are bytes as they
/// came from outside; their order is the one in which they came, and it counts: of an anchor's reports the
/// first one does.
struct RoundEvidence {
  std::vector<Ticket> tickets;  ///< in the order of anchor_index, signed; each for an anchor of the context
  std::optional<CloseOrder> close_order{};
  std::vector<std::pair<AnchorId, ByteVector>> reports{};  ///< v1::SignedReport; by whose stream it came
  std::vector<ByteVector> statements{};                    ///< COSE_Sign1
};

/// Digests of what was judged. What came late, or too often, is stored beside it and is not among these.
struct EvidenceIndex {
  std::vector<Digest> tickets;
  std::optional<Digest> close_order;
  std::vector<std::pair<AnchorId, Digest>> reports;
  std::vector<Digest> statements;
  friend bool operator==(const EvidenceIndex&, const EvidenceIndex&) = default;
};
[[nodiscard]] EvidenceIndex index_of(const RoundEvidence& evidence);

}  // namespace chiploc
