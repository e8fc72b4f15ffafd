#include "server/reports/report.hpp"

#include "proto/base/joined.hpp"
#include "proto/base/time_text.hpp"

namespace chiploc {
namespace {

constexpr std::array<std::string_view, kCompliances> kComplianceNames{"proved", "not proved", "contradicted",
                                                                      "disputed", "excused"};

/// A text, or nothing for an empty one.
Leaf text_leaf(std::string text) { return text.empty() ? Leaf{} : Leaf{std::move(text)}; }
Leaf hex_leaf(const std::vector<VerdictId>& ids) {
  std::vector<std::string> out;
  for (const VerdictId& id : ids) out.push_back(id.hex());
  return out.empty() ? Leaf{} : Leaf{std::move(out)};
}

/// The proof that the report may speak of; null: none.
const ReportedVerdict* proof_in_force(const ReportedChip& chip, WallTime as_of) {
  return chip.proof && proves_place(*chip.proof, as_of) ? &*chip.proof : nullptr;
}

}  // namespace

std::string_view name_of(Compliance compliance) {
  return kComplianceNames.at(static_cast<std::size_t>(compliance));
}

std::string_view name_of(ReportedState state) {
  switch (state) {
    case ReportedState::kVerified:
      return "VERIFIED";
    case ReportedState::kCleared:
      return "CLEARED";
    case ReportedState::kUnresolved:
      return "UNRESOLVED";
    case ReportedState::kOutside:
      return "OUTSIDE";
    case ReportedState::kProhibited:
      return "PROHIBITED";
    case ReportedState::kSilent:
      return "SILENT";
    case ReportedState::kInvalid:
      return "INVALID";
  }
  return "unknown";
}

bool proves_place(const ReportedVerdict& verdict, WallTime as_of) {
  if (verdict.decided > as_of || verdict.expires <= as_of) return false;
  switch (verdict.state) {
    case ReportedState::kVerified:
    case ReportedState::kCleared:
    case ReportedState::kOutside:
    case ReportedState::kProhibited:
      return true;
    case ReportedState::kUnresolved:
    case ReportedState::kSilent:
    case ReportedState::kInvalid:
      return false;
  }
  return false;  // what is not understood proves nothing
}

Compliance compliance_of(const ReportedChip& chip, WallTime as_of) {
  if (!chip.status) return Compliance::kNotProved;
  switch (*chip.status) {
    case ChipState::kCompliant: {
      const ReportedVerdict* proof = proof_in_force(chip, as_of);
      const bool inside = proof != nullptr && (proof->state == ReportedState::kVerified ||
                                               proof->state == ReportedState::kCleared);
      return inside ? Compliance::kProved : Compliance::kNotProved;
    }
    case ChipState::kDrifted:
    case ChipState::kProhibited:
    case ChipState::kTampered:
      return Compliance::kContradicted;
    case ChipState::kDisputed:
      return Compliance::kDisputed;
    case ChipState::kAbsent:
      return Compliance::kExcused;
    case ChipState::kPending:
    case ChipState::kUnproven:
    case ChipState::kOverdue:
    case ChipState::kSilent:
      return Compliance::kNotProved;
  }
  return Compliance::kNotProved;
}

std::vector<std::string> countries_of(const ReportedChip& chip, WallTime as_of) {
  const ReportedVerdict* proof = proof_in_force(chip, as_of);
  return proof == nullptr ? std::vector<std::string>{} : proof->countries;
}

std::string location_of(const ReportedChip& chip, WallTime as_of) {
  const ReportedVerdict* proof = proof_in_force(chip, as_of);
  if (proof == nullptr) return "not proved";
  std::string where;
  switch (proof->state) {
    case ReportedState::kVerified:
      where = "inside its licensed territory";
      break;
    case ReportedState::kCleared:
      where = "outside every prohibited territory";
      break;
    case ReportedState::kOutside:
      where = "outside its licensed territory";
      break;
    case ReportedState::kProhibited:
      where = "inside prohibited territory";
      break;
    default:
      return "not proved";
  }
  if (proof->countries.empty()) return where;
  return (proof->countries.size() == 1 ? "in " : "in one of ") + joined(proof->countries, ", ") + "; " +
         where;
}

std::vector<ReportFact> facts_of(const ReportedChip& chip, WallTime as_of) {
  const ReportedVerdict* proof = proof_in_force(chip, as_of);
  auto countries = countries_of(chip, as_of);
  std::vector<ReportFact> out{
      {"chip_id", "chip", chip.id.hex()},
      {"device_id", "device", text_leaf(chip.device_id)},
      {"serial", "serial", text_leaf(chip.serial)},
      {"maker", "maker", text_leaf(chip.maker)},
      {"model", "model", text_leaf(chip.model)},
      {"eccn", "ECCN", text_leaf(chip.eccn)},
      {"licence", "licence", text_leaf(chip.licence)},
      {"order", "order", text_leaf(chip.order)},
      {"delivery", "delivery", text_leaf(chip.delivery)},
      {"site", "delivered to", text_leaf(chip.site)},
      {"end_user", "end user", text_leaf(chip.end_user)},
      {"status", "status", chip.status ? Leaf{std::string{name_of(*chip.status)}} : Leaf{}},
      {"status_since", "since", chip.status ? Leaf{utc_iso(chip.status_since)} : Leaf{}},
      {"status_rests_on", "rests on verdicts", hex_leaf(chip.rests_on)},
      {"compliance", "compliance", std::string{name_of(compliance_of(chip, as_of))}},
      {"location", "location", location_of(chip, as_of)},
      {"location_countries", "countries", countries.empty() ? Leaf{} : Leaf{std::move(countries)}}};
  const auto add_verdict = [&](const std::string& key, const std::string& label,
                               const ReportedVerdict* verdict) {
    const bool there = verdict != nullptr;
    out.push_back({key + "_verdict", label, there ? Leaf{verdict->id.hex()} : Leaf{}});
    out.push_back({key + "_state", "says", there ? Leaf{std::string{name_of(verdict->state)}} : Leaf{}});
    out.push_back({key + "_decided", "decided", there ? Leaf{utc_iso(verdict->decided)} : Leaf{}});
    out.push_back({key + "_expires", "expires", there ? Leaf{utc_iso(verdict->expires)} : Leaf{}});
  };
  add_verdict("location", "location by verdict", proof);
  add_verdict("newest", "newest verdict", chip.newest ? &*chip.newest : nullptr);
  return out;
}

std::vector<ReportFact> facts_of(const ReportHead& head) {
  return {{"format", "format", std::string{"chiploc.report/1"}},
          {"kind", "kind", std::string{name_of(head.kind)}},
          {"subject", "about", text_leaf(head.subject)},
          {"as_of", "as of", utc_iso(head.as_of)},
          {"made", "made", utc_iso(head.made)},
          {"made_by", "made by", text_leaf(head.made_by)},
          {"scope", "scope", text_leaf(head.scope)},
          {"coordinator", "coordinator", text_leaf(head.coordinator)},
          {"software", "software", text_leaf(head.software)},
          {"borders", "borders", text_leaf(head.borders)},
          {"policy", "policy", text_leaf(head.policy)},
          {"policy_sha256", "policy SHA-256", text_leaf(head.policy_sha256)},
          {"registry_version", "registry version", head.registry_version}};
}

void count(ReportTotals& totals, const ReportedChip& chip, WallTime as_of) {
  ++totals.chips;
  if (!chip.newest) ++totals.unmeasured;
  if (chip.status) {
    ++totals.by_status.at(static_cast<std::size_t>(*chip.status));
  } else {
    ++totals.without_status;
  }
  const Compliance compliance = compliance_of(chip, as_of);
  ++totals.by_compliance.at(static_cast<std::size_t>(compliance));
  const std::vector<std::string> countries = countries_of(chip, as_of);
  if (countries.empty()) {
    ++totals.unlocated;
  } else if (countries.size() > 1) {
    ++totals.in_several;
  } else {
    ReportTotals::Place& place = totals.places[countries.front()];
    ++place.chips;
    if (compliance == Compliance::kContradicted || compliance == Compliance::kDisputed) ++place.contradicted;
  }
}

ReportPart part_of(const ReportTotals& totals) {
  ReportPart part{
      "totals",
      "Totals",
      {{"chips", "chips", totals.chips},
       {"never_measured", "never measured", totals.unmeasured},
       {"without_status", "without a status", totals.without_status},
       {"in_one_of_several_countries", "proved to be in one of several countries", totals.in_several},
       {"not_located", "whose country is not proved", totals.unlocated}}};
  ReportTable compliance{"by_compliance", "By what is proved of compliance", {}};
  for (std::size_t i = 0; i < kCompliances; ++i) {
    compliance.rows.push_back({{"compliance", "compliance", std::string{kComplianceNames.at(i)}},
                               {"chips", "chips", totals.by_compliance.at(i)}});
  }
  ReportTable status{"by_status", "By status", {}};
  for (std::size_t i = 0; i < kChipStates; ++i) {
    status.rows.push_back({{"status", "status", std::string{name_of(static_cast<ChipState>(i))}},
                           {"chips", "chips", totals.by_status.at(i)}});
  }
  ReportTable places{"by_country", "Chips that are proved to be in one country", {}};
  for (const auto& [code, place] : totals.places) {
    places.rows.push_back({{"country", "country", code},
                           {"chips", "chips", place.chips},
                           {"contradicted_or_disputed", "contradicted or disputed", place.contradicted}});
  }
  part.tables = {std::move(compliance), std::move(status), std::move(places)};
  return part;
}

std::string text_of(const Leaf& leaf) {
  if (const auto* text = std::get_if<std::string>(&leaf)) return *text;
  if (const auto* number = std::get_if<std::uint64_t>(&leaf)) return std::to_string(*number);
  if (const auto* texts = std::get_if<std::vector<std::string>>(&leaf)) return joined(*texts, ", ");
  return {};
}

}  // namespace chiploc
