#pragma once
// One anchor's signed report, held against the ticket that it is about.

#include <set>
#include <string>
#include <vector>

#include "proto/crypto/digest.hpp"
#include "proto/v1/evidence.pb.h"
#include "server/verifier/counted_samples.hpp"
#include "server/verifier/evidence.hpp"

namespace chiploc {

/// One session of a report, after its form has been checked.
struct CheckedSession {
  Digest transcript;
  bool finished = false;
  unsigned samples = 0;
  Result<CountedSample, std::string> counted;  ///< or why none counts
};

struct CheckedReport {
  std::vector<CheckedSession> sessions;
  // What the chip, or this anchor, said of the ticket's time. Anybody can forge a REJECT: a hint for people.
  bool not_yet_valid = false;
  bool expired = false;
  bool other_version = false;  ///< of the protocol; a hint likewise
};

/// Judges the device's signatures over agent keys. A chip signs one key a round, so what was found right is
/// kept: a round costs one verification, and each report at most one more that fails.
class OpeningJudge {
 public:
  explicit OpeningJudge(const PublicKey& device) : device_{device} {}
  [[nodiscard]] bool good(const Ticket& ticket, const v1::SessionReport& session);

 private:
  const PublicKey& device_;
  std::set<std::string> good_;
};

/// The report's sessions, when its signature, its ticket and every session's form are right, and every sample
/// is of this realm; otherwise what was wrong, in the anchor's name.
[[nodiscard]] Result<CheckedReport, Reason> check_report(Bytes raw, const IssuedTicket& issued,
                                                         OpeningJudge& openings, Realm realm);

}  // namespace chiploc
