// Nodes that nobody knows the exact place of: uncertainty_km of nodes.csv, from the file to the figures.
#include "geo/path_bound.hpp"
#include "server/eval/cases.hpp"
#include "server/eval/misplaced.hpp"
#include "server/eval/summary.hpp"
#include "tests/server/eval/small_set.hpp"

namespace chiploc::test::uncertain_places_test {
namespace {

/// The small set, with nodes that say how uncertain they are.
RttFiles with_uncertainty(const std::string& id, const std::string& km) {
  RttFiles files = small_files();
  std::string out;
  for (std::size_t at = 0; at < files.nodes.size();) {
    const std::size_t end = files.nodes.find('\n', at);
    const std::string line = files.nodes.substr(at, end - at);
    out += line + "," + (at == 0 ? "uncertainty_km" : line.starts_with(id + ",") ? km : "") + "\n";
    at = end + 1;
  }
  files.nodes = out;
  return files;
}

TEST_CASE("uncertain places: the column is read, 0 where it is empty, and checked", "[eval][others]") {
  const RttSet set = parse(with_uncertainty("b", "75"));
  CHECK(set.nodes[number_of(set, "b")].uncertainty_km == 75.0);
  CHECK(set.nodes[number_of(set, "p")].uncertainty_km == 0.0);
  for (const char* const bad : {"-1", "1001", "far"}) {
    const auto wrong = parse_rtt_files(with_uncertainty("b", bad), "x", Borders::world());
    REQUIRE(!wrong.has_value());
    CHECK_THAT(wrong.error().front(), Catch::StartsWith("nodes.csv:2: uncertainty_km: "));
  }
  RttReading reading;
  reading.targets = "id,uncertainty_km\nb,75\n";
  CHECK(parse_rtt_files(with_uncertainty("b", "75"), "x", Borders::world(), reading).has_value());
  reading.targets = "id,uncertainty_km\nb,30\n";
  const auto other = parse_rtt_files(with_uncertainty("b", "75"), "x", Borders::world(), reading);
  REQUIRE(!other.has_value());
  CHECK_THAT(other.error().front(), Catch::Contains("but nodes.csv has 75"));
}

TEST_CASE("uncertain places: light is held against the nearest that the two may be", "[eval][others]") {
  // Berlin to Paris: 878 km, 5.86 ms for light.
  RttFiles files = with_uncertainty("b", "100");
  files.rtt = "src,dst,min_ms\nb,f,5.3\nf,b,12.1234\n";
  CHECK(parse_rtt_files(files, "x", Borders::world()).has_value());
  files.rtt = "src,dst,min_ms\nb,f,5.1\nf,b,12.1234\n";
  CHECK(!parse_rtt_files(files, "x", Borders::world()).has_value());
  files = with_uncertainty("b", "0");
  files.rtt = "src,dst,min_ms\nb,f,5.3\nf,b,12.1234\n";
  CHECK(!parse_rtt_files(files, "x", Borders::world()).has_value());
}

TEST_CASE("uncertain places: a bound is wider by what its anchor states, or by what is stated for all",
          "[eval][others]") {
  const RttSet set = parse(with_uncertainty("b", "75"));
  FixOptions options;
  const EvalNode& b = set.nodes[number_of(set, "b")];
  const EvalNode& f = set.nodes[number_of(set, "f")];
  CHECK(uncertainty_of(b, options).km() == 75.0);
  CHECK(uncertainty_of(f, options).km() == 0.0);
  options.anchor_uncertainty = Kilometers{100.0};
  CHECK(uncertainty_of(b, options).km() == 100.0);
  CHECK(uncertainty_of(f, options).km() == 100.0);
  options.anchor_uncertainty = Kilometers{30.0};
  CHECK(uncertainty_of(b, options).km() == 75.0);

  // One round trip of the least length, from an anchor that stands 80 km off: only with it the truth is held.
  for (const double km : {0.0, 100.0}) {
    RttSet off = parse(with_uncertainty("b", std::to_string(km)));
    const std::size_t anchor = number_of(off, "b");
    const std::size_t target = number_of(off, "f");
    const double between = geodesic_distance(off.nodes[anchor].place, off.nodes[target].place).km();
    off.min_ms[anchor * off.nodes.size() + target] = 2e3 * (between - 80.0) / kLightInVacuum.km_s();
    const std::vector<std::size_t> anchors{anchor};
    const auto estimator = PlaceEstimator::learn(mesh_of(off, anchors), Borders::world());
    const CaseOutcome outcome =
        run_case(off, anchors, target, claims_about(off.nodes[target], Borders::world()), estimator,
                 Borders::world(), FixOptions{});
    CHECK(outcome.region_contains_truth == (km > 80.0));
  }
}

TEST_CASE("uncertain places: a region that a place within the target's uncertainty is in holds the truth",
          "[eval][others]") {
  for (const double km : {0.0, 100.0}) {
    RttSet off = parse(with_uncertainty("f", std::to_string(km)));
    const std::size_t anchor = number_of(off, "b");
    const std::size_t target = number_of(off, "f");
    const double between = geodesic_distance(off.nodes[anchor].place, off.nodes[target].place).km();
    off.min_ms[anchor * off.nodes.size() + target] = 2e3 * (between - 80.0) / kLightInVacuum.km_s();
    const std::vector<std::size_t> anchors{anchor};
    const auto estimator = PlaceEstimator::learn(mesh_of(off, anchors), Borders::world());
    const CaseOutcome outcome =
        run_case(off, anchors, target, claims_about(off.nodes[target], Borders::world()), estimator,
                 Borders::world(), FixOptions{});
    CHECK(outcome.region_contains_truth == (km > 80.0));
  }
}

TEST_CASE("uncertain places: what may be true is neither a false claim nor a true one", "[eval][others]") {
  // Bern is 50 km from France, 70 from Germany or so, and 150 from Austria.
  const auto claims = [](const std::string& km) {
    const RttSet set = parse(with_uncertainty("c", km));
    return claims_about(set.nodes[number_of(set, "c")], Borders::world());
  };
  const auto has = [](const TargetClaims& all, const char* country) {
    return std::any_of(all.others.begin(), all.others.end(),
                       [&](const FalseClaim& claim) { return claim.country == code(country); });
  };
  const TargetClaims sure = claims("");
  CHECK(!sure.own_open);
  CHECK((has(sure, "FR") && has(sure, "DE")));
  const TargetClaims near = claims("20");
  CHECK(!near.own_open);
  CHECK(near.others.size() == kFalseClaims);
  const TargetClaims open = claims("100");
  CHECK(open.own_open);
  CHECK((!has(open, "FR") && !has(open, "DE") && has(open, "AT")));
  CHECK(open.others.size() == kFalseClaims);

  CaseOutcome flagged;
  flagged.true_claim.state = VerdictState::kOutside;
  flagged.false_claims.resize(2);
  const RttSet set = parse(small_files());
  const auto row = [&](bool own_open) {
    CaseOutcome outcome = flagged;
    outcome.own_open = own_open;
    return summarise(set, RowOutcome{"all", {outcome}}, Grade::kProof, {});
  };
  CHECK(row(false).claims_true_flagged_pct == 100.0);
  CHECK(row(false).claims_true == 1);
  const SummaryRow left_out = row(true);
  CHECK(left_out.claims_true == 0);
  CHECK(!left_out.claims_true_flagged_pct);
  CHECK(!left_out.country_pct);
  CHECK(left_out.claims_false == 2);
  CHECK(left_out.unresolved_pct == 100.0);
}

TEST_CASE("uncertain places: near is what may be near, and the mesh allows for both", "[eval][others]") {
  // Milan and Bern are 213 km apart.
  const auto anchors_of_milan = [](const std::string& km) {
    const RttSet set = parse(with_uncertainty("c", km));
    const auto rows = build_rows(set, {"all-100km"});
    for (const CaseGroup& group : rows->front().groups) {
      if (group.targets.front() == number_of(set, "m")) return ids_of(set, group.anchors);
    }
    return std::string{};
  };
  CHECK_THAT(anchors_of_milan("100"), Catch::Contains("c"));
  CHECK_THAT(anchors_of_milan("120"), !Catch::Contains("c"));

  // Vienna 600 km too far east is contradicted by light in fibre, unless it may be that far off.
  for (const auto& [km, named] : {std::pair{"", true}, std::pair{"900", false}}) {
    RttFiles files = with_uncertainty("w", km);
    files.nodes.replace(files.nodes.find("48.21,16.37,AT"), 14, "48.21,24.20,UA");
    RttSet set = parse(files);
    CHECK(mark_misplaced(set, Borders::world()).empty() == !named);
  }
  // A label that the place may lie in is not held against it; one beyond is.
  for (const auto& [km, named] : {std::pair{"", true}, std::pair{"100", false}, std::pair{"30", true}}) {
    RttFiles files = with_uncertainty("c", km);
    files.nodes.replace(files.nodes.find("46.95,7.45,CH"), 13, "46.95,7.45,DE");
    RttSet set = parse(files);
    CHECK(mark_misplaced(set, Borders::world()).empty() == !named);
  }
}

}  // namespace
}  // namespace chiploc::test::uncertain_places_test
