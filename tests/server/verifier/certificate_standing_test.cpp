#include "server/verifier/certificate_standing.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/judged.hpp"

namespace chiploc::certificate_standing_test {
namespace {

using Code = CertificateFault::Code;
using test::RoundMaker;
constexpr WallTime kNow{std::chrono::seconds{1'800'000'000}};
constexpr Degrees kWagga{.lat = -35.11, .lon = 147.37};

RoundMaker australia() {
  RoundMaker maker;
  maker.add_anchor("syd", {.lat = -33.87, .lon = 151.21});
  maker.add_anchor("mel", {.lat = -37.81, .lon = 144.96});
  maker.add_anchor("adl", {.lat = -34.93, .lon = 138.60});
  maker.add_anchor("cbr", {.lat = -35.28, .lon = 149.13});
  return maker;
}

std::vector<CountryCode> codes(const char* text) { return {CountryCode::from_text(text).value()}; }

test::Judged judge(const RoundEvidenceBytes& evidence, const char* licensed, const char* prohibited) {
  const Claim claim{.licence = "L-1", .licensed = codes(licensed), .prohibited = codes(prohibited)};
  static const PublicKey coordinator = generate_key(SignatureAlgorithm::kEd25519)->public_key();
  const RoundContext context = test::context_for(evidence, coordinator, claim);
  Decision decision = decide_checked(check_evidence(evidence), context, Borders::world(), kNow);
  Explanation explanation = explain(decision, context, Borders::world(), default_delay_model());
  return {std::move(decision), std::move(explanation), {}};
}

struct Expected {
  Code code;
  VerdictState state;
  const char* reason;
};
const Expected kExpected[] = {
    {Code::kRevoked, VerdictState::kInvalid, "certificate_revoked"},
    {Code::kExpired, VerdictState::kInvalid, "certificate_expired"},
    {Code::kNotYetValid, VerdictState::kInvalid, "certificate_not_yet_valid"},
    {Code::kUntrusted, VerdictState::kInvalid, "certificate_untrusted"},
    {Code::kWrongPurpose, VerdictState::kInvalid, "certificate_untrusted"},
    {Code::kCrlStale, VerdictState::kUnresolved, "revocation_list_stale"},
    {Code::kCrlUnusable, VerdictState::kUnresolved, "revocation_list_missing"},
};

TEST_CASE("standing: a certificate that nobody vouches for neither clears a chip nor accuses it") {
  RoundMaker maker = australia();
  RoundEvidenceBytes evidence = maker.make(kWagga);
  REQUIRE(judge(evidence, "AU", "CN").state == VerdictState::kVerified);
  REQUIRE(judge(evidence, "NZ", "CN").state == VerdictState::kOutside);
  REQUIRE(judge(evidence, "NZ", "AU").state == VerdictState::kProhibited);
  for (const Expected& expected : kExpected) {
    INFO(expected.reason);
    evidence.certificate_fault = CertificateFault{expected.code, "certificate \"CN=chip\": why"};
    for (const auto& [licensed, prohibited] : {std::pair{"AU", "CN"}, {"NZ", "CN"}, {"NZ", "AU"}}) {
      const test::Judged v = judge(evidence, licensed, prohibited);
      CHECK(v.state == expected.state);
      REQUIRE_FALSE(v.reasons.empty());
      CHECK(v.reasons.front().code == expected.reason);
      CHECK_THAT(v.reasons.front().text, Catch::Contains("\"CN=chip\": why"));
      CHECK_THAT(v.reasons.front().text, Catch::Contains("chiploc import --"));
      CHECK(v.would_resolve.size() == 1);
      CHECK_FALSE(v.region);
      CHECK_FALSE(v.explanation.estimate);
      CHECK(v.proof.countries.empty());
      for (const AnchorFinding& anchor : v.anchors) CHECK_FALSE(anchor.used);
    }
    CHECK_FALSE(check_evidence(evidence).statement);  // its counters are not taken over
  }
}

TEST_CASE("standing: what is silent or invalid stays so, and says of the certificate as well") {
  RoundMaker maker = australia();
  for (const Expected& expected : kExpected) {
    INFO(expected.reason);
    RoundEvidenceBytes evidence = maker.make(kWagga);
    evidence.certificate_fault = CertificateFault{expected.code, "why"};
    evidence.last_accepted = CounterMark{.boot_count = 1, .round_counter = 99};
    const test::Judged rolled_back = judge(evidence, "AU", "CN");
    CHECK(rolled_back.state == VerdictState::kInvalid);
    CHECK(rolled_back.reasons.front().code == "counter_rollback");
    CHECK(rolled_back.reasons.back().code == expected.reason);
    evidence.statements.clear();
    const test::Judged silent = judge(evidence, "AU", "CN");
    CHECK(silent.state == VerdictState::kSilent);
    CHECK(silent.reasons.front().code == "no_statement");
    CHECK(silent.reasons.back().code == expected.reason);
  }
}

}  // namespace
}  // namespace chiploc::certificate_standing_test
