#include "server/rounds/risk_tier.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::risk_tier_test {
namespace {

using namespace std::chrono_literals;
using std::chrono::day;
using std::chrono::month;
using std::chrono::year;
using Reasons = std::vector<TierReason>;

Date date(int y, unsigned m, unsigned d) { return Date{year{y}, month{m}, day{d}}; }
WallTime at(const Date& day) {
  return WallTime{std::chrono::sys_time<Nanoseconds>{std::chrono::sys_days{day}}.time_since_epoch()};
}
CountryCode code(std::string_view text) { return CountryCode::from_text(text).value(); }
EntityRecord entity(std::string name, std::string_view country) {
  EntityRecord out;
  out.name = std::move(name);
  out.roles = {EntityRole::kBuyer};
  out.country = code(country);
  return out;
}

/// A chip that came with a delivery of 1 June to a site in Germany; nobody of it is watched.
struct World {
  Registry registry;
  ChipRecord chip;
  TierRules rules;
  WallTime now = at(date(2026, 9, 1));

  World() {
    for (const char* name : {"Exporter", "Buyer", "End user", "Operator", "Site operator", "Licensee"})
      registry.put(entity(name, "DE"));
    LicenceRecord licence;
    licence.id = "L-1";
    licence.end_user = "Licensee";
    registry.put(licence);
    registry.put(OrderRecord{"O-1", "L-1", "Exporter", "Buyer", "End user", "Operator", 1, date(2026, 5, 1)});
    SiteRecord site;
    site.name = "fra-1";
    site.operated_by = "Site operator";
    site.place.countries = {code("DE")};
    registry.put(site);
    DeliveryRecord delivery;
    delivery.id = "D-1";
    delivery.order = "O-1";
    delivery.site = "fra-1";
    delivery.date = date(2026, 6, 1);
    delivery.quantity = 1;
    registry.put(delivery);
    chip.id.bytes[0] = 1;
    chip.licence = "L-1";
    chip.delivery = "D-1";
    registry.put(chip);
    rules.transshipment = {code("AE"), code("MY")};
  }
  [[nodiscard]] TierOf tier(std::optional<WallTime> changed = std::nullopt) const {
    return tier_of(registry, chip, rules, changed, now);
  }
};

}  // namespace

TEST_CASE("risk tier: nothing speaks for a chip, or nothing is stated of it: standard", "[schedule]") {
  World world;
  CHECK(world.tier().tier == RiskTier::kStandard);
  CHECK(world.tier().reasons.empty());
  world.chip.delivery = "";
  world.chip.licence = "none";
  CHECK(world.tier().tier == RiskTier::kStandard);
}

TEST_CASE("risk tier: whoever of a chip's order, licence or site is watched makes it high, from that day on",
          "[schedule]") {
  for (const char* name : {"Exporter", "Buyer", "End user", "Operator", "Site operator", "Licensee"}) {
    INFO(name);
    World world;
    EntityRecord watched = *world.registry.entity(name);
    watched.watch = Watch{"diversion", date(2026, 9, 1)};
    world.registry.put(watched);
    CHECK(world.tier().tier == RiskTier::kHigh);
    CHECK(world.tier().reasons == Reasons{TierReason::kWatchList});
    world.now = at(date(2026, 9, 1)) - 1ns;
    CHECK(world.tier().tier == RiskTier::kStandard);
  }
}

TEST_CASE("risk tier: a country of transshipment, of the site or of who is in it, raises it", "[schedule]") {
  World world;
  SECTION("the site's") {
    SiteRecord site = *world.registry.site("fra-1");
    site.place.countries = {code("MY")};
    world.registry.put(site);
  }
  SECTION("an entity's seat") { world.registry.put(entity("End user", "AE")); }
  CHECK(world.tier().tier == RiskTier::kRaised);
  CHECK(world.tier().reasons == Reasons{TierReason::kTransshipment});
  world.rules.transshipment.clear();
  CHECK(world.tier().tier == RiskTier::kStandard);
}

TEST_CASE("risk tier: a new site counts for its days, and a delivery that is to come does not",
          "[schedule]") {
  World world;
  world.now = at(date(2026, 6, 1));
  CHECK(world.tier().reasons == Reasons{TierReason::kNewSite});
  CHECK(world.tier().tier == RiskTier::kRaised);
  world.now = at(date(2026, 7, 1)) - 1ns;
  CHECK(world.tier().reasons == Reasons{TierReason::kNewSite});
  world.now = at(date(2026, 7, 1));
  CHECK(world.tier().reasons.empty());
  world.now = at(date(2026, 6, 1)) - 1ns;
  CHECK(world.tier().reasons.empty());
}

TEST_CASE("risk tier: a recent change raises it, and two reasons make it high", "[schedule]") {
  World world;
  CHECK(world.tier(world.now - 1h).reasons == Reasons{TierReason::kRecentChange});
  CHECK(world.tier(world.now - 1h).tier == RiskTier::kRaised);
  CHECK(world.tier(world.now - 24h * 7).tier == RiskTier::kStandard);
  world.registry.put(entity("Buyer", "AE"));
  const TierOf both = world.tier(world.now - 1h);
  CHECK(both.tier == RiskTier::kHigh);
  CHECK(both.reasons == Reasons{TierReason::kTransshipment, TierReason::kRecentChange});
}

}  // namespace chiploc::risk_tier_test
