#include <map>

#include "tests/server/notices/properties.hpp"
#include "tests/server/reports/report_maker.hpp"

namespace chiploc {
namespace {

using enum ReportedState;

TEST_CASE("report: names of kinds and forms, there and back") {
  for (unsigned i = 1; i <= kReportKinds; ++i) {
    const auto kind = static_cast<ReportKind>(i);
    CHECK(report_kind_of(name_of(kind)) == kind);
  }
  for (unsigned i = 1; i <= kReportForms; ++i) {
    const auto form = static_cast<ReportForm>(i);
    CHECK(report_form_of(name_of(form)) == form);
  }
  CHECK_FALSE(report_kind_of("Act"));
  CHECK_FALSE(report_form_of("xml"));
}

TEST_CASE("report: where a chip is proved to be, by country, from a proof in force alone") {
  CHECK(location_of(chip_of(1, ChipState::kCompliant, verdict_of(1, kVerified)), kAsOf) ==
        "in DE; inside its licensed territory");
  CHECK(location_of(chip_of(1, ChipState::kCompliant, verdict_of(1, kCleared, {"DE", "FR"})), kAsOf) ==
        "in one of DE, FR; outside every prohibited territory");
  CHECK(location_of(chip_of(1, ChipState::kDrifted, verdict_of(1, kOutside, {"AE"})), kAsOf) ==
        "in AE; outside its licensed territory");
  CHECK(location_of(chip_of(1, ChipState::kProhibited, verdict_of(1, kProhibited, {})), kAsOf) ==
        "inside prohibited territory");
  for (const ReportedState state : {kUnresolved, kSilent, kInvalid}) {
    CHECK_FALSE(proves_place(verdict_of(1, state), kAsOf));
    CHECK(location_of(chip_of(1, ChipState::kCompliant, verdict_of(1, state)), kAsOf) == "not proved");
  }
  CHECK(location_of(chip_of(1, ChipState::kCompliant), kAsOf) == "not proved");
  // It has run out, to the instant; and one of later says nothing of then.
  const auto ends = verdict_of(1, kVerified, {"DE"}, std::chrono::hours{24});
  CHECK(location_of(chip_of(1, ChipState::kCompliant, ends), kAsOf) == "not proved");
  CHECK(location_of(chip_of(1, ChipState::kCompliant, ends), kAsOf - Nanoseconds{1}) != "not proved");
  const auto later = verdict_of(1, kVerified, {"DE"}, std::chrono::hours{-1});
  CHECK(location_of(chip_of(1, ChipState::kCompliant, later), kAsOf) == "not proved");
  // The newest proves nothing, and the proof of before is in force.
  CHECK(location_of(chip_of(1, ChipState::kCompliant, verdict_of(2, kUnresolved), verdict_of(1, kVerified)),
                    kAsOf) == "in DE; inside its licensed territory");
}

TEST_CASE("report: compliance takes a compliant status and a proof of it in force") {
  const auto said = [](ChipState status, ReportedState verdict) {
    return name_of(compliance_of(chip_of(1, status, verdict_of(1, verdict)), kAsOf));
  };
  CHECK(said(ChipState::kCompliant, kVerified) == "proved");
  CHECK(said(ChipState::kCompliant, kCleared) == "proved");
  CHECK(said(ChipState::kCompliant, kUnresolved) == "not proved");
  CHECK(said(ChipState::kCompliant, kOutside) == "not proved");
  CHECK(said(ChipState::kPending, kVerified) == "not proved");
  CHECK(said(ChipState::kUnproven, kUnresolved) == "not proved");
  CHECK(said(ChipState::kSilent, kSilent) == "not proved");
  CHECK(said(ChipState::kOverdue, kVerified) == "not proved");
  CHECK(said(ChipState::kDrifted, kOutside) == "contradicted");
  CHECK(said(ChipState::kProhibited, kProhibited) == "contradicted");
  CHECK(said(ChipState::kTampered, kVerified) == "contradicted");
  CHECK(said(ChipState::kDisputed, kOutside) == "disputed");
  CHECK(said(ChipState::kAbsent, kSilent) == "excused");
  CHECK(compliance_of(chip_of(1, std::nullopt, verdict_of(1, kVerified)), kAsOf) == Compliance::kNotProved);
  CHECK(compliance_of(chip_of(1, ChipState::kCompliant), kAsOf) == Compliance::kNotProved);
}

TEST_CASE("report: totals count the unmeasured apart, and every chip in each of them once") {
  const auto chips = some_chips();
  const ReportTotals totals = totals_of(chips);
  CHECK(totals.chips == 8);
  CHECK(totals.unmeasured == 2);
  CHECK(totals.without_status == 1);
  CHECK(totals.by_status.at(static_cast<std::size_t>(ChipState::kCompliant)) == 3);
  CHECK(totals.by_compliance == std::array<std::uint64_t, kCompliances>{3, 3, 1, 1, 0});
  CHECK(totals.places ==
        std::map<std::string, ReportTotals::Place>{{"AE", {2, 2}}, {"DE", {1, 0}}, {"FR", {1, 0}}});
  CHECK(totals.in_several == 1);
  CHECK(totals.unlocated == 3);
}

rc::Gen<ReportedVerdict> any_verdict() {
  return rc::gen::apply(
      [](unsigned state, int decided_h, int good_h, unsigned number, std::vector<bool> in) {
        std::vector<std::string> countries;
        const char* const codes[] = {"AE", "DE", "FR", "JP"};
        for (std::size_t i = 0; i < in.size() && i < 4; ++i) {
          if (in[i]) countries.emplace_back(codes[i]);
        }
        return verdict_of(number, static_cast<ReportedState>(state), countries, std::chrono::hours{decided_h},
                          std::chrono::hours{good_h});
      },
      rc::gen::inRange(1U, 8U), rc::gen::inRange(-3, 60), rc::gen::inRange(0, 48),
      rc::gen::inRange(1U, 1'000U), rc::gen::arbitrary<std::vector<bool>>());
}

TEST_CASE("report: never says more than verdicts prove, whatever the facts", "[property]") {
  test::holds("a location is that of a proof in force; compliance takes one of VERIFIED or CLEARED", [] {
    const auto status = *rc::gen::inRange(-1, static_cast<int>(kChipStates));
    ReportedChip chip = chip_of(1, status < 0 ? std::nullopt : std::optional{static_cast<ChipState>(status)});
    if (*rc::gen::arbitrary<bool>()) chip.newest = *any_verdict();
    if (*rc::gen::arbitrary<bool>()) chip.proof = *any_verdict();
    const auto& proof = chip.proof;
    const bool in_force = proof && proof->decided <= kAsOf && kAsOf < proof->expires &&
                          (proof->state == kVerified || proof->state == kCleared ||
                           proof->state == kOutside || proof->state == kProhibited);
    RC_ASSERT((location_of(chip, kAsOf) == "not proved") == !in_force);
    RC_ASSERT(countries_of(chip, kAsOf) == (in_force ? proof->countries : std::vector<std::string>{}));
    const Compliance compliance = compliance_of(chip, kAsOf);
    if (compliance == Compliance::kProved) {
      RC_ASSERT(in_force);
      RC_ASSERT(proof->state == kVerified || proof->state == kCleared);
      RC_ASSERT(chip.status == ChipState::kCompliant);
    }
    // An accusation is the status's word alone: no verdict makes one here.
    RC_ASSERT((compliance == Compliance::kContradicted) == (chip.status && accuses(*chip.status)));
    for (const ReportFact& fact : facts_of(chip, kAsOf)) {
      if (fact.key == "location_state" && !in_force) RC_ASSERT(text_of(fact.value).empty());
    }
    ReportTotals totals;
    count(totals, chip, kAsOf);
    RC_ASSERT(totals.unlocated + totals.in_several + totals.places.size() == 1U);
    RC_ASSERT(totals.unmeasured == (chip.newest ? 0U : 1U));
  });
}

}  // namespace
}  // namespace chiploc
