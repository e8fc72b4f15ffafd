#pragma once
// Facts of reports for tests: chips in every state, and stories of the pure machines.

#include <string>
#include <vector>

#include "server/reports/forms.hpp"
#include "server/reports/report_kinds.hpp"
#include "tests/server/cases/case_days.hpp"

namespace chiploc {

inline const WallTime kAsOf = wall_from_unix_seconds(1'790'000'000);  // 2026-09-21 14:13:20Z

inline ReportHead head_of(ReportKind kind, const std::string& subject = "") {
  return {.kind = kind,
          .subject = subject,
          .made = kAsOf + std::chrono::seconds{5},
          .as_of = kAsOf,
          .made_by = "ada",
          .scope = "all chips",
          .coordinator = std::string(32, 'c'),
          .software = "chiploc 0.1.0",
          .borders = "world-atlas 2.0.2, fnv1a64 0123456789abcdef",
          .policy = "vacuum f=1",
          .policy_sha256 = std::string(64, 'a'),
          .registry_version = 7};
}

inline ReportedVerdict verdict_of(unsigned number, ReportedState state,
                                  std::vector<std::string> countries = {"DE"},
                                  std::chrono::hours ago = std::chrono::hours{1},
                                  std::chrono::hours good_for = std::chrono::hours{24}) {
  return {verdict_id(number), state, kAsOf - ago, kAsOf - ago + good_for, std::move(countries)};
}

inline ReportedChip chip_of(unsigned number, std::optional<ChipState> status,
                            std::optional<ReportedVerdict> newest = {},
                            std::optional<ReportedVerdict> proof = {}) {
  ReportedChip chip{.id = case_chip(number)};
  chip.device_id = chip.id.hex();
  chip.serial = "SN-" + std::to_string(number);
  chip.maker = "Acme";
  chip.model = "LAB-100";
  chip.eccn = "3A090.a";
  chip.licence = "L-3";
  chip.order = "O-17";
  chip.delivery = "D-4";
  chip.site = "campus";
  chip.end_user = "User GmbH";
  chip.status = status;
  chip.status_since = kAsOf - std::chrono::hours{2};
  if (newest) chip.rests_on = {newest->id};
  chip.proof = proof ? std::move(proof) : newest;
  chip.newest = std::move(newest);
  return chip;
}

/// One for each thing that a report may have to say.
inline std::vector<ReportedChip> some_chips() {
  using enum ReportedState;
  ReportedChip odd = chip_of(8, ChipState::kCompliant, verdict_of(8, kVerified, {"FR"}));
  odd.serial = "Größe \"7\", Halle";
  odd.end_user = std::string(120, 'W') + " & Sons";
  return {chip_of(1, ChipState::kCompliant, verdict_of(1, kVerified)),
          chip_of(2, ChipState::kCompliant, verdict_of(2, kCleared, {"DE", "FR"})),
          chip_of(3, ChipState::kUnproven, verdict_of(3, kUnresolved)),
          chip_of(4, ChipState::kDrifted, verdict_of(4, kOutside, {"AE"})),
          chip_of(5, ChipState::kDisputed, verdict_of(5, kProhibited, {"AE"})),
          chip_of(6, ChipState::kPending),
          chip_of(7, std::nullopt),
          odd};
}

inline EachChip each_of(const std::vector<ReportedChip>& chips) {
  return [&chips](const std::function<void(const ReportedChip&)>& visit) {
    for (const ReportedChip& chip : chips) visit(chip);
    return true;
  };
}
inline ReportTotals totals_of(const std::vector<ReportedChip>& chips) {
  ReportTotals totals;
  for (const ReportedChip& chip : chips) count(totals, chip, kAsOf);
  return totals;
}

/// A case that was opened, disputed and resolved by the real machine.
inline ActFacts act_facts() {
  CaseDays days{CaseKind::kElsewhere};
  days.accused(1, 1, 4)
      .event(2, CaseAssigned{"Ann", "Bob"})
      .event(3, CaseCommented{"Bob", "The buyer's lawyer called; between us, I believe him."})
      .event(4, CaseDisputed{"Op", "They never left the hall.", {}, true})
      .event(5, DisputeDecided{"Ann", "The proofs stand.", false})
      .cleared(6, 1, 2)
      .event(7, CaseResolved{"Ann", "The site confirmed it.", CaseEnd::kConfirmed});
  return {.number = 12,
          .story = days.story(),
          .timeline = days.entries(),
          .licence = ReportedLicence{"L-3", "Example SA", "User GmbH", "DE FR", "2026-01-01", "2026-12-31",
                                     500, 8, ""},
          .order = ReportedOrder{"O-17", "L-3", "Exporter Inc", "Buyer Ltd", "User GmbH", "", "2026-02-01",
                                 100, 8, 8}};
}

inline std::string json_form(const Report& report, const std::vector<ReportedChip>& chips) {
  std::string out;
  if (!write_json_form(report, totals_of(chips), each_of(chips),
                       [&](std::string_view bytes) { out += bytes; }))
    return "";
  return out;
}

}  // namespace chiploc
