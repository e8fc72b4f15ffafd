#include <algorithm>
#include <set>

#include "server/registry/import_preview_parts.hpp"

#include "proto/base/joined.hpp"

namespace chiploc {
namespace {

class Licences {
 public:
  Licences(const ImportPlan& plan, AreaLand& land, WallTime now, std::size_t most)
      : registry_{*plan.registry}, land_{land}, now_{now}, most_{most} {
    find_prohibited();
    if (prohibited_.empty() && prohibited_areas_.empty()) return;
    if (plan.prohibited_differs || !plan.territories.empty()) {
      for (const auto& [id, licence] : registry_.licences()) add(*licence);
    } else {
      for (const auto& licence : plan.licences) add(*licence);
    }
  }

  Shortened<LicenceUnderstood> out;

 private:
  using Names = std::set<std::string>;
  static constexpr std::size_t kMostNames = 300;  // more than there are countries

  /// The first so many, and then "and 12 more".
  static std::vector<std::string> shortened(const Names& names, std::size_t most) {
    std::vector<std::string> out;
    for (const std::string& name : names) {
      if (out.size() == most) {
        out.push_back("and " + std::to_string(names.size() - most) + " more");
        break;
      }
      out.push_back(name);
    }
    return out;
  }

  void find_prohibited() {
    const NamedPlaces& places = registry_.prohibited();
    prohibited_.insert(places.countries.begin(), places.countries.end());
    for (const std::string& name : places.territories) {
      const TerritoryRecord* territory = registry_.territory(name);
      if (territory == nullptr) continue;
      prohibited_.insert(territory->countries.begin(), territory->countries.end());
      if (land_.readable(*territory)) prohibited_areas_.push_back(territory);
    }
  }

  void add(const LicenceRecord& licence) {
    Names exempts;
    Names within;
    Names inside;
    complete_ = true;
    std::set<CountryCode> countries(licence.places.countries.begin(), licence.places.countries.end());
    const Names named(licence.places.territories.begin(), licence.places.territories.end());
    for (const std::string& name : named) {
      const TerritoryRecord* territory = registry_.territory(name);
      if (territory == nullptr) continue;
      countries.insert(territory->countries.begin(), territory->countries.end());
      if (land_.readable(*territory)) find_around(*territory, named, within);
    }
    for (const CountryCode code : countries) {
      if (prohibited_.count(code) > 0) exempts.insert(code.text());
    }
    for (const TerritoryRecord* area : prohibited_areas_) {
      if (named.count(area->name) > 0) {
        exempts.insert(area->name);
      } else if (meets(*area, countries)) {
        inside.insert(area->name);
      }
    }
    if (!complete_) ++out.unchecked;
    if (exempts.empty() && within.empty() && inside.empty()) {
      if (!complete_) ++out.total;
      return;
    }
    const auto list = [](const Names& names) { return shortened(names, kMostNames); };
    LicenceUnderstood understood{licence.id, list(exempts), list(within), list(inside), {}};
    if (!valid_at(licence, now_)) {
      exempts.merge(within);
      if (exempts.empty()) return;  // that something is prohibited in its countries says nothing of it
      understood = {licence.id, {}, {}, {}, standing_of(licence, exempts)};
    }
    add_to(out, most_, std::move(understood));
  }

  /// What is prohibited where one of the licence's areas lies.
  void find_around(const TerritoryRecord& area, const Names& named, Names& within) {
    if (!prohibited_.empty()) {
      const auto* countries = land_.of(area);
      if (countries == nullptr) {
        complete_ = false;
      } else {
        for (const CountryCode code : *countries) {
          if (prohibited_.count(code) > 0) within.insert(code.text());
        }
      }
    }
    for (const TerritoryRecord* other : prohibited_areas_) {
      if (named.count(other->name) > 0) continue;
      const auto overlap = land_.overlap(area, *other);
      if (!overlap) complete_ = false;
      if (overlap && *overlap) within.insert(other->name);
    }
  }

  bool meets(const TerritoryRecord& area, const std::set<CountryCode>& countries) {
    if (countries.empty()) return false;
    const auto* land = land_.of(area);
    if (land == nullptr) {
      complete_ = false;
      return false;
    }
    return std::any_of(land->begin(), land->end(),
                       [&](CountryCode code) { return countries.count(code) > 0; });
  }

  [[nodiscard]] std::string standing_of(const LicenceRecord& licence, const Names& names) const {
    const std::string all = joined(shortened(names, 20), " ");
    const auto today =
        std::chrono::floor<std::chrono::days>(std::chrono::sys_time<Nanoseconds>{now_.since_epoch});
    const bool ended = std::chrono::sys_days{licence.valid_to} < today;
    return (ended ? "ended " + to_text(licence.valid_to) + ": exempts nothing"
                  : "not before " + to_text(licence.valid_from) + ": exempts nothing until then") +
           " (names " + all + ")";
  }

  const Registry& registry_;
  AreaLand& land_;
  WallTime now_;
  std::size_t most_;
  bool complete_ = true;  // the licence that is looked at
  std::set<CountryCode> prohibited_;
  std::vector<const TerritoryRecord*> prohibited_areas_;
};

}  // namespace

Shortened<LicenceUnderstood> understand_licences(const ImportPlan& plan, AreaLand& land, WallTime now,
                                                 std::size_t most) {
  return Licences{plan, land, now, most}.out;
}

}  // namespace chiploc
