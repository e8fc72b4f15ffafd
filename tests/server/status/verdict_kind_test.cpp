#include "server/status/verdict_kind.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

TEST_CASE("verdict kind: each state has one") {
  CHECK(kind_of("VERIFIED", "inside", false) == VerdictKind::kProof);
  CHECK(kind_of("CLEARED", "clear", true) == VerdictKind::kProof);
  CHECK(kind_of("CLEARED", "clear", false) == VerdictKind::kOpen);
  CHECK(kind_of("UNRESOLVED", "open", true) == VerdictKind::kOpen);
  CHECK(kind_of("SILENT", "no_answer", true) == VerdictKind::kSilence);
  CHECK(kind_of("OUTSIDE", "outside", true) == VerdictKind::kOutside);
  CHECK(kind_of("PROHIBITED", "prohibited", true) == VerdictKind::kProhibited);
}

TEST_CASE("verdict kind: a chip is accused of tampering by its own key alone") {
  for (const char* code :
       {"counter_rollback", "cloned_key", "debug_enabled", "transcript_mismatch", "transcript_set"}) {
    CHECK(kind_of("INVALID", code, true) == VerdictKind::kTampering);
    CHECK(kind_of("UNRESOLVED", code, true) == VerdictKind::kOpen);
  }
  // What anybody on the way can send, and what its maker says.
  for (const char* code :
       {"statement_malformed", "statement_signature", "statement_identity", "statement_replay",
        "certificate_revoked", "certificate_expired", "certificate_untrusted", ""}) {
    CHECK(kind_of("INVALID", code, true) == VerdictKind::kOpen);
  }
}

TEST_CASE("verdict kind: what is not understood neither clears nor accuses") {
  CHECK(kind_of("verified", "", true) == VerdictKind::kOpen);
  CHECK(kind_of("", "counter_rollback", true) == VerdictKind::kOpen);
  CHECK(kind_of("REVOKED", "", true) == VerdictKind::kOpen);
}

}  // namespace
}  // namespace chiploc
