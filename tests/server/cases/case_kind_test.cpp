#include "server/cases/case_kind.hpp"

#include <set>

#include "server/status/verdict_kind.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

TEST_CASE("case kind: names go both ways, and each has a heading") {
  std::set<std::string_view> headings;
  for (std::size_t i = 0; i < kCaseKinds; ++i) {
    const auto kind = static_cast<CaseKind>(i);
    CHECK(case_kind_of(name_of(kind)) == kind);
    headings.insert(heading_of(kind));
  }
  CHECK(headings.size() == kCaseKinds);
  CHECK(!case_kind_of("theft"));
  CHECK(name_of(CaseKind::kAnotherUser) == "another_user");
}

TEST_CASE("case kind: which are attempts, and of which the status speaks") {
  std::string attempts, status, accused;
  for (std::size_t i = 0; i < kCaseKinds; ++i) {
    const auto kind = static_cast<CaseKind>(i);
    const std::string name = std::string{name_of(kind)} + " ";
    if (is_attempt(kind)) attempts += name;
    if (follows_status(kind)) status += name;
    if (accused_by_status(kind)) accused += name;
  }
  CHECK(attempts == "spoofing blocking misleading ");
  CHECK(status == "elsewhere tampering unproven ");
  CHECK(accused == "elsewhere tampering ");
}

TEST_CASE("case key: by order, or by licence where there is none") {
  const CaseKey of_order = case_key(CaseKind::kElsewhere, "O-17", "L-3", "campus");
  CHECK(of_order == case_key(CaseKind::kElsewhere, "O-17", "L-4", "campus"));
  CHECK(of_order != case_key(CaseKind::kElsewhere, "O-18", "L-3", "campus"));
  CHECK(of_order != case_key(CaseKind::kElsewhere, "O-17", "L-3", "north"));
  CHECK(of_order != case_key(CaseKind::kTampering, "O-17", "L-3", "campus"));
  CHECK(case_key(CaseKind::kElsewhere, "", "L-3", "") != case_key(CaseKind::kElsewhere, "", "L-4", ""));
  CHECK(text_of({of_order, 2}) == "elsewhere/O-17/campus#2");
  CHECK(text_of({case_key(CaseKind::kUnproven, "", "L-3", ""), 1}) == "unproven/licence L-3/-#1");
  CHECK(text_of({case_key(CaseKind::kUnproven, "", "", "campus"), 1}) == "unproven/-/campus#1");
}

TEST_CASE("attempts: the table of reasons") {
  const auto says = [](std::string_view reason) -> std::string {
    const auto sign = attempt_of(reason);
    if (!sign) return "nothing";
    CHECK(!sign->ground.empty());
    return std::string{name_of(sign->kind)} + (sign->opens ? " opens" : " joins");
  };
  for (const auto* const reason :
       {"statement_signature", "statement_malformed", "statement_identity", "statement_replay"})
    CHECK(says(reason) == "spoofing opens");
  CHECK(says("impossible_travel") == "misleading opens");
  CHECK(says("cohort_outlier") == "misleading joins");
  for (const auto* const cause : {"udp_blocked", "replies_blocked", "inbound_blocked"})
    CHECK(says(cause) == "blocking joins");
}

TEST_CASE(
    "attempts: an unknown reason is a sign of nothing, nor is one of silence, certificates or open verdicts") {
  for (const auto* const reason : {"",
                                   "unknown",
                                   "STATEMENT_REPLAY",
                                   "no_answer",
                                   "no_statement",
                                   "statement_certificate",
                                   "certificate_revoked",
                                   "certificate_expired",
                                   "certificate_untrusted",
                                   "revocation_list_stale",
                                   "could_be_prohibited",
                                   "finding_withheld",
                                   "holds_with_fewer_faults",
                                   "transcript_disputed",
                                   "too_few_perspectives",
                                   "evidence_contradicts",
                                   "agent_stopped",
                                   "path_lossy",
                                   "clock",
                                   "not_borne_out",
                                   "report_signature",
                                   "inside_licence",
                                   "outside_licence"})
    CHECK(!attempt_of(reason));
}

TEST_CASE("attempts: what the chip's own key did is tampering, by its status, and no attempt beside it") {
  for (const auto* const reason :
       {"counter_rollback", "cloned_key", "debug_enabled", "transcript_mismatch", "transcript_set"}) {
    CHECK(kind_of("INVALID", reason, false) == VerdictKind::kTampering);
    CHECK(!attempt_of(reason));
  }
  for (const auto* const reason :
       {"statement_signature", "statement_malformed", "statement_identity", "statement_replay"})
    CHECK(kind_of("INVALID", reason, false) == VerdictKind::kOpen);
}

}  // namespace
}  // namespace chiploc
