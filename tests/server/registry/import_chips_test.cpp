// Chips' certificates are read by many at once, rows after each other: the faults are those of reading one by one.
#include <atomic>
#include <thread>

#include "tests/server/registry/world.hpp"

namespace chiploc::test {
namespace {

/// Backwards, and the last half on a thread of its own.
void in_disorder(std::size_t count, const std::function<void(std::size_t)>& each) {
  std::thread other{[&] {
    for (std::size_t i = count / 2; i < count; ++i) each(i);
  }};
  for (std::size_t i = count / 2; i > 0; --i) each(i - 1);
  other.join();
}

struct ChipsWorld : World {
  std::string good = csv_quoted(device_pem(authority, chip_id(1)));
  [[nodiscard]] std::string row(std::uint8_t number, const std::string& pem) const {
    return chip_id(number).hex() + ",S,Acme,LAB-100,L-1,knock," + pem + "\n";
  }
  [[nodiscard]] ImportPlan plan_of(const std::string& rows, std::size_t kept) const {
    ImportOptions with = options;
    with.limits.faults = kept;
    return plan_import(nullptr, {chips(rows), makers(), licences()}, with);
  }
};

}  // namespace

TEST_CASE(
    "import: whatever a row of a chip lacks, its faults stand in the order of lines, as many as are kept",
    "[registry]") {
  ChipsWorld world;
  const CertificateAuthority stranger = make_authority("Acme CA");
  const std::string foreign = csv_quoted(device_pem(stranger, chip_id(5)));
  const std::string upper =
      csv_quoted(device_pem(world.authority, chip_id(7)) + stranger.certificate().pem());
  const std::string rows =
      world.row(1, "\"no PEM\"") + "short,row\n" + world.row(2, world.good) +
      world.row(3, "\"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n\"") +
      "another,short,row\n" + world.row(4, csv_quoted(world.authority.certificate().pem())) +
      world.row(5, foreign) + world.row(6, csv_quoted(device_pem(world.authority, chip_id(6)))) +
      world.row(7, upper) + world.row(7, world.good) + "the,last\n";
  const auto told = [](const ImportPlan& plan) {
    std::vector<std::pair<std::uint32_t, std::string>> out;
    for (const ImportFault& fault : plan.faults) out.emplace_back(fault.line, fault.problem.substr(0, 24));
    return out;
  };
  const ImportPlan one_by_one = world.plan_of(rows, 100);
  const auto all = told(one_by_one);
  INFO(shown_faults(one_by_one));
  CHECK(one_by_one.faults_total == 11);
  REQUIRE(all.size() == 11);
  for (std::size_t i = 1; i < all.size(); ++i) CHECK(all[i - 1].first <= all[i].first);
  world.options.for_each = in_disorder;
  for (const std::size_t kept : {100U, 4U, 1U}) {
    ChipsWorld& same = world;
    same.options.for_each = {};
    const auto expected = told(same.plan_of(rows, kept));
    same.options.for_each = in_disorder;
    const ImportPlan plan = same.plan_of(rows, kept);
    CHECK(plan.faults_total == 11);
    CHECK(told(plan) == expected);
    CHECK(plan.faults.size() == std::min<std::size_t>(kept, 11));
    CHECK_FALSE(plan.registry);
  }
}

TEST_CASE("import: more chips than are read at once come in whole, and each is read once", "[registry]") {
  ChipsWorld world;
  constexpr std::size_t kChips = 2'049;
  std::string rows;
  const auto id_of = [](std::size_t i) {
    ChipId id = chip_id(9);
    id.bytes[0] = static_cast<std::uint8_t>(i >> 8);
    id.bytes[1] = static_cast<std::uint8_t>(i);
    return id;
  };
  for (std::size_t i = 0; i < kChips; ++i) {
    rows += id_of(i).hex() + ",S,Acme,LAB-100,L-1,knock," +
            csv_quoted(device_pem(world.authority, id_of(i))) + "\n";
  }
  std::atomic<std::size_t> done{0};
  world.options.for_each = [&](std::size_t count, const std::function<void(std::size_t)>& each) {
    for (std::size_t i = 0; i < count; ++i) each(i);
    done += count;
  };
  const ImportPlan plan = world.plan_of(rows, 100);
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  CHECK(plan.chips.size() == kChips);
  CHECK(plan.files[0].rows == kChips);
  CHECK(done == 2 * kChips);  // read, and verified
  for (std::size_t i = 0; i < kChips; ++i) CHECK(plan.chips[i]->id == id_of(i));
}

TEST_CASE("import: two files of chips keep to their own lines", "[registry]") {
  const ChipsWorld world;
  const ImportFile first = ChipsWorld::csv(ImportKind::kChips, "a.csv", kChipHeader + world.row(1, "\"x\""));
  const ImportFile second =
      ChipsWorld::csv(ImportKind::kChips, "b.csv", kChipHeader + "short\n" + world.row(2, "\"y\""));
  const ImportPlan plan = world.plan({first, second, world.makers(), world.licences()});
  REQUIRE(plan.faults.size() == 3);
  CHECK(plan.faults[0].file == "a.csv");
  CHECK(plan.faults[0].line == 2);
  CHECK(plan.faults[1].file == "b.csv");
  CHECK(plan.faults[1].line == 2);
  CHECK(plan.faults[2].line == 3);
  CHECK(plan.files[1].rows == 1);
}

}  // namespace chiploc::test
