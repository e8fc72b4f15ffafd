#include "server/orders/order_tally.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using enum ChipState;

TEST_CASE("tally: counts by state and by site, and how many were ever measured") {
  OrderTally tally;
  CHECK(add(tally, {kPending, false, "a"}));
  CHECK(add(tally, {kCompliant, true, "a"}));
  CHECK(add(tally, {kSilent, false, "b"}));
  CHECK(add(tally, {kDrifted, true, "b"}));
  CHECK(add(tally, {kProhibited, true, "b"}));
  CHECK(add(tally, {kTampered, true, ""}));
  CHECK(add(tally, {kDisputed, true, ""}));
  const ChipCounts all = tally.all();
  CHECK(all.total() == 7);
  CHECK(all.measured == 5);
  CHECK(all.accused() == 4);
  CHECK(all.of(kSilent) == 1);
  CHECK(tally.sites.at("a").total() == 2);
  CHECK(tally.sites.at("a").measured == 1);
  CHECK(tally.sites.at("b").accused() == 2);
  CHECK(tally.sites.at("").total() == 2);
}

TEST_CASE("tally: what was counted is taken off again, and nothing else") {
  OrderTally tally;
  add(tally, {kDrifted, true, "a"});
  OrderTally before = tally;
  CHECK(!remove(tally, {kDrifted, true, "b"}));
  CHECK(!remove(tally, {kSilent, true, "a"}));
  CHECK(!remove(tally, {kDrifted, false, "a"}));
  CHECK(tally == before);
  CHECK(remove(tally, {kDrifted, true, "a"}));
  CHECK(tally.all() == ChipCounts{});
  CHECK(!remove(tally, {kDrifted, true, "a"}));
}

TEST_CASE("tally: nothing is compliant that was never measured") {
  OrderTally tally;
  CHECK(!add(tally, {kCompliant, false, "a"}));
  CHECK(tally == OrderTally{});
  // Nor does it come to be so when another one leaves.
  add(tally, {kCompliant, true, "a"});
  add(tally, {kSilent, false, "a"});
  CHECK(!remove(tally, {kSilent, true, "a"}));
  CHECK(!remove(tally, {kCompliant, false, "a"}));
  CHECK(tally.all().measured == 1);
  CHECK(remove(tally, {kCompliant, true, "a"}));
  CHECK(tally.all().measured == 0);
}

TEST_CASE("tally: sites beyond the limit are counted together, and leave from there") {
  OrderTally tally;
  for (std::size_t i = 0; i < kOrderSitesMax + 10; ++i)
    add(tally, {kPending, false, "site" + std::to_string(i)});
  CHECK(tally.sites.size() == kOrderSitesMax);
  CHECK(tally.beyond.total() == 10);
  CHECK(tally.all().total() == kOrderSitesMax + 10);
  // A site without chips keeps its place: what is counted beyond stays countable there.
  CHECK(remove(tally, {kPending, false, "site0"}));
  CHECK(remove(tally, {kPending, false, "site" + std::to_string(kOrderSitesMax + 3)}));
  CHECK(tally.sites.size() == kOrderSitesMax);
  CHECK(tally.beyond.total() == 9);
}

TEST_CASE("tally: there is an end to what is counted") {
  OrderTally tally;
  tally.beyond.in[0] = kOrderChipsMax;
  CHECK(!add(tally, {kPending, false, "a"}));
  CHECK(tally.sites.empty());
}

}  // namespace
}  // namespace chiploc
