#pragma once
// A stored round, judged again.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "geo/borders/borders.hpp"
#include "proto/v1/records.pb.h"
#include "server/policy/policy.hpp"
#include "server/verifier/context.hpp"

namespace chiploc {

/// All that was stored of one round, as bytes.
struct StoredRound {
  struct Report {
    AnchorId anchor;
    ByteVector bytes;
  };
  ByteVector context;  ///< v1::RoundContext; empty: a round of before there were any
  std::vector<ByteVector> tickets{};
  ByteVector close_order{};               ///< empty: none was issued
  std::vector<Report> reports{};          ///< late and conflicting ones included
  std::vector<ByteVector> statements{};   ///< likewise
  std::map<Digest, std::string> areas{};  ///< GeoJSON by its SHA-256
  ByteVector calibration{};               ///< v1::Calibration
  ByteVector record{};                    ///< v1::VerdictRecord; empty: a verdict of before there were any
};

/// The borders to judge by, and the digest of their table.
struct ReplayBorders {
  const Borders& borders;
  Digest sha256;
};
/// Those that this program carries.
[[nodiscard]] ReplayBorders own_borders();

/// A drawing that was taken once, as the registry takes one that it cannot read any more: then it proves nothing.
[[nodiscard]] std::shared_ptr<const Area> drawn_as_stored(const std::string& geojson);

struct ReplayOutcome {
  enum class Kind {
    kSame,           ///< to the byte
    kWrongDigest,    ///< what is stored is not what was judged: `wrong` says which
    kDiffers,        ///< it is, and another verdict follows: `differences` says where
    kOtherPolicy,    ///< another policy was asked for: `judged` is what it would have said
    kCannotBeJudged  ///< `why`
  };
  Kind kind = Kind::kCannotBeJudged;
  /// "context", "policy", "borders", "calibration", "area NAME", "close order", "ticket 2", "report of anchor
  /// NAME", "statement 1": tickets and statements are counted from 1, in the order in which they were judged.
  std::vector<std::string> wrong{};
  std::vector<std::string> differences{};  ///< field by field; against another policy too
  std::string why{};
  std::string software_version{};  ///< that judged it; another one than this is no fault
  bool other_software = false;
  std::optional<v1::VerdictRecord> judged{};  ///< of this replay
};
/// "same", "wrong digest", "differs", "other policy", "cannot be judged again".
[[nodiscard]] std::string_view name_of(ReplayOutcome::Kind kind);

/// Judges a round again from its bytes alone, by the policy that it was judged by, or by another. Pure; takes
/// what judging took, and where there is a posterior what learning from the mesh takes. Nothing stored can
/// make it fail: what does not fit is an outcome.
[[nodiscard]] ReplayOutcome replay(const StoredRound& round, const ReplayBorders& borders,
                                   const std::optional<Policy>& other_policy = std::nullopt);

}  // namespace chiploc
