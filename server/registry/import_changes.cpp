#include "server/registry/import_changes.hpp"

#include <algorithm>
#include <cstdio>

#include "geo/area/area.hpp"
#include "proto/base/joined.hpp"
#include "proto/crypto/certificate.hpp"
#include "proto/crypto/digest.hpp"

namespace chiploc {
namespace {

using Fields = std::vector<std::pair<const char*, std::string>>;

std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

/// As the CLI writes it: three digits, whole numbers from 1000 on.
std::string km2_text(double km2) {
  char text[40];
  std::snprintf(text, sizeof text, km2 < 999.5 ? "%.3g" : "%.0f", km2);
  return text;
}

std::string digest_of(std::string_view text) {
  return "sha256 " + sha256(bytes_of(text)).hex().substr(0, 16);
}

Fields fields_of(const Maker& maker) {
  std::string all;
  for (const std::string& pem : maker.ca_certificates) all += pem;
  return {{"ca_pem", std::to_string(maker.ca_certificates.size()) + " certificate(s), " + digest_of(all)}};
}

Fields fields_of(const MakerRevocations& record) {
  std::string all;
  for (const RevocationList& list : record.lists) all += list.pem();
  return {{"crl_pem", std::to_string(record.lists.size()) + " list(s), " + digest_of(all)}};
}

Fields fields_of(const ChipRecord& chip) {
  std::string certificate = "sha256 " + sha256(chip.certificate).hex().substr(0, 16);
  for (const ByteVector& issuer : chip.issuers)
    certificate += ", device CA " + sha256(issuer).hex().substr(0, 16);
  return {{"serial", chip.serial},   {"maker", chip.maker},          {"model", chip.model},
          {"licence", chip.licence}, {"reach", to_text(chip.reach)}, {"certificate_pem", certificate}};
}

Fields fields_of(const LicenceRecord& licence) {
  return {{"holder", licence.holder},
          {"countries", to_text(licence.places)},
          {"valid_from", to_text(licence.valid_from)},
          {"valid_to", to_text(licence.valid_to)}};
}

Fields fields_of(const TerritoryRecord& territory) {
  Fields out{{"countries", joined(territory.countries, " ")}, {"geojson", ""}};
  if (territory.area) {
    const std::string size = territory.unreadable.empty() ? km2_text(territory.area->area_km2()) + " km2"
                                                          : "cannot be read any more";
    out.back().second = size + ", sha256 " + territory.geojson_sha256.hex().substr(0, 16);
  }
  return out;
}

Fields fields_of(const AnchorRecord& anchor) {
  return {{"public_key", to_hex(anchor.public_key)}, {"lat", number(anchor.place.lat)},
          {"lon", number(anchor.place.lon)},         {"uncertainty_km", number(anchor.uncertainty.km())},
          {"operator", anchor.operator_name},        {"network", anchor.network},
          {"address", to_text(anchor.endpoint)},     {"rendezvous", anchor.rendezvous ? "yes" : "no"}};
}

std::string cut(std::string text, std::size_t most) {
  if (text.size() > most) {
    text.resize(most - 3);
    // Not within a character of several bytes.
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0x80U) != 0) text.pop_back();
    text += "...";
  }
  return text;
}

class Collector {
 public:
  explicit Collector(const ChangeLimits& limits) : limits_{limits} {}

  template <class Record, class KeyOf, class Known>
  void add(ImportKind kind, const std::vector<std::shared_ptr<const Record>>& records, const KeyOf& key_of,
           const Known& known) {
    for (const auto& record : records) {
      ++total_;
      const Record* old = known(*record);
      if (old == nullptr && added_.size() >= limits_.added) continue;
      RecordChange change{kind, key_of(*record), old == nullptr, {}};
      const Fields now = fields_of(*record);
      const Fields before = old == nullptr ? Fields{} : fields_of(*old);
      const std::size_t most = old == nullptr ? kNewValueBytes : limits_.value_bytes;
      for (std::size_t i = 0; i < now.size(); ++i) {
        const std::string was = before.empty() ? std::string{} : before[i].second;
        if (was != now[i].second)
          change.fields.push_back({now[i].first, cut(was, most), cut(now[i].second, most)});
      }
      if (change.added) {
        added_.push_back(std::move(change));
      } else {
        keep(std::move(change));
      }
    }
  }

  void add_prohibited(const NamedPlaces& before, const NamedPlaces& after) {
    ++total_;
    RecordChange change{ImportKind::kProhibitedTerritories, {}, false, {}};
    const auto names = [](const NamedPlaces& places) {
      std::vector<std::string> out;
      for (const CountryCode code : places.countries) out.push_back(code.text());
      out.insert(out.end(), places.territories.begin(), places.territories.end());
      return out;
    };
    const auto had = names(before);
    const auto has = names(after);
    const auto in = [](const std::vector<std::string>& list, const std::string& name) {
      return std::find(list.begin(), list.end(), name) != list.end();
    };
    for (const std::string& name : had) {
      if (!in(has, name)) change.fields.push_back({"country", name, ""});
    }
    for (const std::string& name : has) {
      if (!in(had, name)) change.fields.push_back({"country", "", name});
    }
    changed_.insert(changed_.begin(), std::move(change));
  }

  ImportChanges take() {
    ImportChanges out{std::move(changed_), total_, changed_left_out_};
    for (RecordChange& change : added_) out.shown.push_back(std::move(change));
    return out;
  }

 private:
  static constexpr std::size_t kNewValueBytes = 200;

  void keep(RecordChange change) {
    constexpr std::size_t kOverhead = 16;  // of a message of protobuf
    std::size_t bytes = change.key.size() + kOverhead;
    for (const FieldChange& field : change.fields)
      bytes += field.field.size() + field.before.size() + field.after.size() + kOverhead;
    if (changed_left_out_ > 0 || bytes_ + bytes > limits_.bytes) {
      ++changed_left_out_;
      return;
    }
    bytes_ += bytes;
    changed_.push_back(std::move(change));
  }

  const ChangeLimits& limits_;
  std::size_t total_ = 0;
  std::size_t bytes_ = 0;
  std::size_t changed_left_out_ = 0;
  std::vector<RecordChange> changed_;
  std::vector<RecordChange> added_;
};

}  // namespace

ImportChanges changes_of(const Registry& base, const ImportPlan& plan, const ChangeLimits& limits) {
  Collector out{limits};
  const auto name_of = [](const auto& record) { return record.name; };
  out.add(ImportKind::kMakers, plan.makers, name_of, [&](const Maker& m) { return base.maker(m.name); });
  out.add(ImportKind::kTerritories, plan.territories, name_of,
          [&](const TerritoryRecord& t) { return base.territory(t.name); });
  out.add(
      ImportKind::kLicences, plan.licences, [](const LicenceRecord& l) { return l.id; },
      [&](const LicenceRecord& l) { return base.licence(l.id); });
  out.add(ImportKind::kAnchors, plan.anchors, name_of,
          [&](const AnchorRecord& a) { return base.anchor(a.name); });
  out.add(
      ImportKind::kRevocations, plan.revocations, [](const MakerRevocations& r) { return r.maker; },
      [&](const MakerRevocations& r) { return base.revocations(r.maker); });
  out.add(
      ImportKind::kChips, plan.chips, [](const ChipRecord& c) { return device_id_of(c); },
      [&](const ChipRecord& c) { return base.chip(c.id); });
  if (plan.prohibited_differs) out.add_prohibited(base.prohibited(), plan.registry->prohibited());
  return out.take();
}

}  // namespace chiploc
