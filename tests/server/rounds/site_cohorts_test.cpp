#include "server/rounds/site_cohorts.hpp"

#include "proto/crypto/keys.hpp"
#include "server/verifier/cohort_suspicion.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

ChipId chip(int number) {
  ChipId id;
  id.bytes[0] = static_cast<std::uint8_t>(number);
  id.bytes[1] = static_cast<std::uint8_t>(number >> 8);
  return id;
}

/// What `count` anchors measured: 5, 10, 15, ... ms and so much more.
std::vector<AnchorFinding> measured(Nanoseconds more, int count = 5) {
  static const PublicKey key = generate_key(SignatureAlgorithm::kEd25519)->public_key();
  std::vector<AnchorFinding> out;
  for (int i = 0; i < count; ++i) {
    AnchorId id;
    id.bytes[0] = static_cast<std::uint8_t>(i);
    const AnchorFacts anchor{.name = "a" + std::to_string(i),
                             .id = id,
                             .report_key = key,
                             .place = place_at(0.0, i),
                             .operator_name = {},
                             .network = {}};
    out.push_back({.anchor = anchor, .used = true, .rtt_min = (i + 1) * 5ms + more, .note = {}});
  }
  return out;
}

/// The cohorts, and what is said of a chip as its round is judged.
struct Cohorts : SiteCohorts {
  std::optional<Reason> add(const std::string& site, const ChipId& id,
                            const std::vector<AnchorFinding>& anchors, SteadyTime now) {
    auto apart = cohort_suspicion(others(site, id, now), id, anchors);
    heard(site, id, anchors, now);
    return apart;
  }
};

}  // namespace

TEST_CASE("cohorts: the chip whose round trips are another place's is named, once there are others",
          "[coordinator]") {
  Cohorts cohorts;
  CHECK_FALSE(cohorts.add("site", chip(1), measured(0us), SteadyTime{1s}));
  CHECK_FALSE(cohorts.add("site", chip(2), measured(905us), SteadyTime{2s}));  // of two, who can say?
  CHECK_FALSE(cohorts.add("site", chip(3), measured(5us), SteadyTime{3s}));
  CHECK_FALSE(cohorts.add("elsewhere", chip(4), measured(905us), SteadyTime{3s}));
  const auto apart = cohorts.add("site", chip(2), measured(905us), SteadyTime{4s});
  REQUIRE(apart);
  CHECK(apart->code == "cohort_outlier");
  CHECK(apart->text.find("0.90 ms in the median from those of the 2 other chips of site site") !=
        std::string::npos);
  CHECK_FALSE(cohorts.add("site", chip(1), measured(3us), SteadyTime{5s}));
  CHECK_FALSE(cohorts.add("site", chip(2), measured(905us, 3), SteadyTime{6s}));  // too few anchors
}

TEST_CASE("cohorts: round trips of more than an hour ago are not compared", "[coordinator]") {
  Cohorts cohorts;
  for (int i = 1; i <= 3; ++i) CHECK_FALSE(cohorts.add("site", chip(i), measured(0us), SteadyTime{1s}));
  CHECK(cohorts.add("site", chip(4), measured(2ms), SteadyTime{3600s}));
  CHECK_FALSE(cohorts.add("site", chip(4), measured(2ms), SteadyTime{3602s}));
}

TEST_CASE("cohorts: what an anchor measured before its place was corrected is compared with nothing",
          "[coordinator]") {
  Cohorts cohorts;
  for (int i = 1; i <= 3; ++i) CHECK_FALSE(cohorts.add("site", chip(i), measured(0us), SteadyTime{1s}));
  for (std::uint8_t i = 0; i < 2; ++i) {
    AnchorId id;
    id.bytes[0] = i;
    cohorts.forget(id);
  }
  CHECK_FALSE(
      cohorts.add("site", chip(4), measured(2ms), SteadyTime{2s}));  // three anchors in common are too few
  for (int i = 1; i <= 3; ++i) (void)cohorts.add("site", chip(i), measured(0us), SteadyTime{3s});
  CHECK(cohorts.add("site", chip(4), measured(2ms), SteadyTime{4s}));
}

TEST_CASE("cohorts: of a large site the chips heard last are kept, of many sites likewise", "[coordinator]") {
  Cohorts cohorts;
  const int many = static_cast<int>(SiteCohorts::kChips) + 10;
  for (int i = 0; i < many; ++i) CHECK_FALSE(cohorts.add("site", chip(i), measured(0us), SteadyTime{i * 1s}));
  const auto apart = cohorts.add("site", chip(many), measured(2ms), SteadyTime{many * 1s});
  REQUIRE(apart);
  CHECK(apart->text.find(" 63 other chips") != std::string::npos);

  for (std::size_t i = 0; i < SiteCohorts::kSites; ++i)
    CHECK_FALSE(cohorts.add("site " + std::to_string(i), chip(1), measured(0us), SteadyTime{200s}));
  CHECK_FALSE(
      cohorts.add("site", chip(many), measured(2ms), SteadyTime{201s}));  // forgotten: no others are known
}

}  // namespace chiploc
