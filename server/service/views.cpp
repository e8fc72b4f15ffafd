#include "server/service/views.hpp"

#include <algorithm>

#include "geo/area/area.hpp"
#include "proto/base/bytes.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/v1/records.pb.h"
#include "server/verifier/verdict_view.hpp"

namespace chiploc {
namespace {

Fail<ApiFault> damaged(const std::string& what) {
  return Fail{ApiFault{ApiFaultCode::kDamaged,
                       what + " in the store cannot be read; restore the database from its backup"}};
}

bool parse(google::protobuf::MessageLite& message, Bytes bytes) {
  return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace

v1::Chip view_of(const ChipRecord& chip) {
  v1::Chip out;
  out.set_chip_id(string_of(chip.id.bytes));
  out.set_serial(chip.serial);
  out.set_maker(chip.maker);
  out.set_model(chip.model);
  out.set_licence(chip.licence);
  out.set_reach(to_text(chip.reach));
  out.set_device_id(chip.device_id.empty() ? string_of(chip.id.bytes) : string_of(chip.device_id));
  return out;
}

v1::Chip view_of(const ChipRecord& chip, const Registry& registry) {
  v1::Chip out = view_of(chip);
  out.set_delivery(chip.delivery);
  if (const DeliveryRecord* delivery = registry.delivery(chip.delivery)) {
    out.set_order(delivery->order);
    out.set_site(delivery->site);
  }
  const ModelRecord* model = registry.model(chip.model);
  if (model != nullptr && model->maker == chip.maker) out.set_eccn(model->eccn);
  return out;
}

v1::CounterStart view_of(const CounterStart& start) {
  v1::CounterStart out;
  out.set_at_unix_ns(start.at.since_epoch.count());
  out.set_started_by(start.by);
  out.set_reason(start.reason);
  out.set_signer_sha256(string_of(start.signer.bytes));
  if (start.before) {
    out.mutable_before()->set_boot_count(start.before->boot_count);
    out.mutable_before()->set_round_counter(start.before->round_counter);
  }
  return out;
}

v1::Licence view_of(const LicenceRecord& licence, std::uint64_t chips) {
  v1::Licence out;
  out.set_licence(licence.id);
  out.set_holder(licence.holder);
  for (const CountryCode country : licence.places.countries) out.add_countries(country.text());
  for (const std::string& name : licence.places.territories) out.add_countries(name);
  out.set_valid_from(to_text(licence.valid_from));
  out.set_valid_to(to_text(licence.valid_to));
  out.set_chips(chips);
  out.set_end_user(licence.end_user);
  out.set_quantity(licence.quantity);
  return out;
}

v1::Territory view_of(const TerritoryRecord& territory) {
  v1::Territory out;
  out.set_territory(territory.name);
  for (const CountryCode country : territory.countries) out.add_countries(country.text());
  if (!territory.area) return out;
  out.set_area_km2(territory.area->area_km2());
  out.set_geojson_sha256(string_of(territory.geojson_sha256.bytes));
  return out;
}

v1::Anchor view_of(const AnchorRecord& anchor, const AnchorStatus* status) {
  v1::Anchor out;
  out.set_anchor(anchor.name);
  out.set_anchor_id(string_of(anchor.id.bytes));
  out.mutable_place()->set_lat_deg(anchor.place.lat);
  out.mutable_place()->set_lon_deg(anchor.place.lon);
  out.set_uncertainty_km(anchor.uncertainty.km());
  out.set_operator_name(anchor.operator_name);
  out.set_network(anchor.network);
  out.set_address(to_text(anchor.endpoint));
  out.set_rendezvous(anchor.rendezvous);
  if (status == nullptr) return out;
  out.set_connected(status->connected);
  out.set_software_version(status->software_version);
  out.set_last_seen_unix_ns(status->last_seen.since_epoch.count());
  out.set_spool_dropped(status->spool_dropped);
  out.set_place_problem(status->place_problem);
  if (status->certificate) out.set_certificate_until_unix_ns(status->certificate->until.since_epoch.count());
  for (const auto& [why, count] : status->dropped) (*out.mutable_refused())[why] = count;
  const bool twice = status->twice.since_epoch.count() != 0 && status->last_seen - status->twice < kTwiceFor;
  if (!twice) return out;
  out.set_twice_unix_ns(status->twice.since_epoch.count());
  for (const std::string& peer : status->twice_at) out.add_twice_at(peer);
  return out;
}

void add_states(const std::map<std::uint32_t, std::uint64_t>& counts,
                google::protobuf::Map<std::string, std::uint64_t>& out) {
  for (const auto& [state, count] : counts) {
    const std::string& name = v1::VerdictState_Name(static_cast<v1::VerdictState>(state));
    out[name.empty() ? "UNKNOWN" : name] = count;
  }
}

v1::RoundRequester requester_of(const RoundIntent& intent) {
  v1::RoundRequester out;
  out.set_name(intent.requested_by);
  if (intent.requested_with) out.set_certificate_sha256(string_of(intent.requested_with->bytes));
  out.set_at_unix_ns(intent.intent.since_epoch.count());
  return out;
}

v1::ImportRecord view_of(const ImportJournalEntry& entry) {
  v1::ImportRecord out;
  out.set_version(entry.version);
  out.set_at_unix_ns(entry.stamp.at.since_epoch.count());
  out.set_by(entry.stamp.by);
  out.set_reason(entry.stamp.reason);
  if (entry.stamp.with) out.set_certificate_sha256(string_of(entry.stamp.with->bytes));
  out.set_added(entry.added);
  out.set_changed(entry.changed);
  out.set_unchanged(entry.unchanged);
  out.set_removed(entry.removed);
  for (const ImportJournalEntry::File& file : entry.files) {
    auto& shown = *out.add_files();
    shown.set_kind(static_cast<v1::ImportKind>(file.kind));
    shown.set_name(file.name);
    shown.set_sha256(string_of(file.sha256.bytes));
    shown.set_rows(file.rows);
  }
  return out;
}

v1::ImportResponse view_of(const ImportPlan& plan) {
  v1::ImportResponse out;
  for (const ImportFault& fault : plan.faults) {
    auto* shown = out.add_faults();
    shown->set_file(fault.file);
    shown->set_line(fault.line);
    shown->set_field(fault.field);
    shown->set_problem(fault.problem);
  }
  out.set_faults_total(plan.faults_total);
  if (!plan.ok()) return out;  // nothing was added: the counts of a plan with faults mean nothing
  out.set_added(plan.added);
  out.set_changed(plan.changed);
  out.set_unchanged(plan.unchanged);
  for (const auto& [kind, counted] : plan.by_kind) {
    auto& counts = *out.add_counts();
    counts.set_kind(static_cast<v1::ImportKind>(kind));
    counts.set_added(counted.added);
    counts.set_changed(counted.changed);
    counts.set_unchanged(counted.unchanged);
  }
  return out;
}

void add_view(const ImportChanges& changes, v1::ImportResponse& out) {
  for (const RecordChange& change : changes.shown) {
    auto* shown = out.add_changes();
    shown->set_kind(static_cast<v1::ImportKind>(change.kind));
    shown->set_key(change.key);
    shown->set_added(change.added);
    for (const FieldChange& field : change.fields) {
      auto* one = shown->add_fields();
      one->set_field(field.field);
      one->set_old_value(field.before);
      one->set_new_value(field.after);
    }
  }
  out.set_changes_total(static_cast<std::uint32_t>(changes.total));
  out.set_changes_left_out(static_cast<std::uint32_t>(changes.changed_left_out));
}

void add_view(const ImportPreview& preview, v1::ImportResponse& out) {
  for (const AreaUnderstood& area : preview.areas.shown) {
    auto* shown = out.add_areas();
    shown->set_territory(area.territory);
    shown->set_area_km2(area.km2);
    for (const CountryCode code : area.countries) shown->add_countries(code.text());
    shown->mutable_centre()->set_lat_deg(area.centre.lat);
    shown->mutable_centre()->set_lon_deg(area.centre.lon);
    shown->set_south(area.box.south);
    shown->set_west(area.box.west);
    shown->set_north(area.box.north);
    shown->set_east(area.box.east);
  }
  for (const LicenceUnderstood& licence : preview.licences.shown) {
    auto* shown = out.add_licences();
    shown->set_licence(licence.licence);
    for (const std::string& name : licence.exempts) shown->add_exempts(name);
    for (const std::string& name : licence.within) shown->add_within(name);
    for (const std::string& name : licence.prohibited_inside) shown->add_prohibited_inside(name);
    shown->set_standing(licence.standing);
  }
  for (const AnchorUnderstood& anchor : preview.anchors.shown) {
    auto* shown = out.add_anchors();
    shown->set_anchor(anchor.anchor);
    shown->mutable_place()->set_lat_deg(anchor.place.lat);
    shown->mutable_place()->set_lon_deg(anchor.place.lon);
    if (anchor.country) shown->set_country(anchor.country->text());
  }
  for (const ImportWarning& warning : preview.warnings.shown) {
    auto* shown = out.add_warnings();
    shown->set_kind(static_cast<v1::ImportKind>(warning.kind));
    shown->set_key(warning.key);
    shown->set_problem(warning.text);
  }
  out.set_areas_total(static_cast<std::uint32_t>(preview.areas.total));
  out.set_licences_total(static_cast<std::uint32_t>(preview.licences.total));
  out.set_anchors_total(static_cast<std::uint32_t>(preview.anchors.total));
  out.set_warnings_total(static_cast<std::uint32_t>(preview.warnings.total));
  out.set_areas_unchecked(static_cast<std::uint32_t>(preview.areas.unchecked));
  out.set_licences_unchecked(static_cast<std::uint32_t>(preview.licences.unchecked));
}

v1::AnchorProgress view_of(const AnchorProgress& progress) {
  v1::AnchorProgress out;
  out.set_anchor(progress.anchor);
  out.set_stage(progress.stage);
  out.set_pings_sent(progress.pings_sent);
  out.set_pongs_received(progress.pongs_received);
  out.set_rtt_min_ns(progress.rtt_min.count());
  out.set_twice(progress.twice);
  out.set_refusals(progress.refusals);
  out.set_refusal(progress.refusal);
  return out;
}

Result<v1::Verdict, ApiFault> read_verdict(Bytes stored, std::uint32_t format) {
  v1::Verdict verdict;
  if (!read_verdict(string_of(stored), format, verdict)) return damaged("a verdict");
  return verdict;
}

namespace {

/// Verdicts of before records were stored do not say what was judged: then all counts as judged.
Result<Done, ApiFault> mark_unjudged(const RoundEvidenceRecord& stored, v1::RoundEvidence& out) {
  if (stored.verdict_format != VerdictRecord::kRecord) return Done{};
  v1::VerdictRecord record;
  if (!parse(record, stored.verdict)) return damaged("a verdict");
  const auto& judged = record.judged().statements();
  for (int i = 0; i < out.statements_size(); ++i) {
    const std::string digest = string_of(sha256(bytes_of(out.statements(i))).bytes);
    if (std::find(judged.begin(), judged.end(), digest) == judged.end())
      out.add_unjudged_statements(static_cast<std::uint32_t>(i));
  }
  return Done{};
}

}  // namespace

Result<v1::RoundEvidence, ApiFault> view_of(const RoundEvidenceRecord& record) {
  v1::RoundEvidence out;
  out.set_round_id(string_of(record.intent.round.bytes));
  out.set_chip_id(string_of(record.intent.chip.bytes));
  out.set_intent_unix_ns(record.intent.intent.since_epoch.count());
  out.set_requested_by(record.intent.requested_by);
  if (record.intent.requested_with) out.set_requested_with(string_of(record.intent.requested_with->bytes));
  for (const ByteVector& ticket : record.tickets) out.add_tickets(string_of(ticket));
  for (const StoredReport& report : record.reports) {
    if (!parse(*out.add_reports(), report.bytes)) return damaged("a report");
  }
  out.set_close_order(string_of(record.close_order));
  for (const StoredStatement& statement : record.statements) out.add_statements(string_of(statement.bytes));
  out.set_device_certificate(string_of(record.intent.device_certificate));
  for (const ByteVector& issuer : record.intent.device_issuers) out.add_device_issuers(string_of(issuer));
  out.set_coordinator_public(string_of(record.intent.coordinator_public));
  out.set_certificate_standing(record.intent.certificate_standing);
  out.set_certificate_problem(record.intent.certificate_problem);
  for (const StoredKnock& knock : record.knocks) {
    if (!parse(*out.add_knocks(), knock.bytes)) return damaged("a knock");
  }
  if (!record.verdict.empty()) {
    auto verdict = read_verdict(record.verdict, record.verdict_format);
    if (!verdict) return Fail{verdict.error()};
    *out.mutable_verdict() = std::move(*verdict);
    if (const auto marked = mark_unjudged(record, out); !marked) return Fail{marked.error()};
  }
  for (const IntentAnchor& anchor : record.intent.anchors) {
    (*out.mutable_anchor_publics())[anchor.id.hex()] = string_of(anchor.public_key);
  }
  return out;
}

}  // namespace chiploc
