#include "server/orders/order_record.hpp"

#include <functional>

#include "proto/v1/records.pb.h"
#include "server/policy/canonical.hpp"
#include "tests/server/orders/order_days.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using enum ChipState;

OrderDays held_with_all() {
  OrderDays order;
  order.joined(0, 0, 6, kCompliant).joined(0, 6, 10, kPending, "north").become(2, 0, 3, kDrifted);
  order.become(2.5, 3, 5, kSilent).event(3, WatchDecided{WatchParty::kBuyer, true, "known", "Ann"});
  order.event(3, HoldOverridden{"D-7", "spares", "Ann"}).event(3, HoldOverridden{"D-1", "spares", "Ann"});
  return order.event(3, OrderChipLeft{order_chip(99), {kTampered, true, "nowhere"}});
}

void read_again(const OrderStory& story) {
  const ByteVector bytes = order_bytes(story);
  const auto read = order_from(bytes);
  REQUIRE(read.has_value());
  CHECK(*read == story);
  CHECK(same_bytes(order_bytes(*read), bytes));
}

TEST_CASE("order record: what is written is read, to the byte") {
  OrderDays order = held_with_all();
  read_again(begin_order(day(0), {}));
  read_again(order.story());
  order.event(4, HoldLifted{"explained", "Ann", day(30)});
  REQUIRE(order.state() == OrderState::kLifted);
  read_again(order.story());
  read_again(order.until(40).story());
  OrderDays large;
  for (unsigned n = 0; n < 300; ++n) large.joined(1, n, n + 1, kDrifted, "site" + std::to_string(n));
  read_again(large.story());
  CHECK(order_bytes(large.story()).size() < kOrderStoryMax / 8);
}

TEST_CASE("order record: no byte of it may be another") {
  const ByteVector bytes = order_bytes(held_with_all().story());
  const auto same = order_from(bytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const int bit : {0, 3, 6}) {
      ByteVector other = bytes;
      other[i] = static_cast<std::uint8_t>(other[i] ^ (1 << bit));
      const auto read = order_from(other);  // another story, to the byte, or none
      if (read) {
        REQUIRE(!(*read == *same));
        REQUIRE(same_bytes(order_bytes(*read), other));
      }
    }
    const auto shorter = order_from(Bytes{bytes.data(), i});  // what stands at the end may be absent
    REQUIRE((!shorter || !(*shorter == *same)));
  }
  ByteVector longer = bytes;
  longer.push_back(0);
  CHECK(!order_from(longer));
  CHECK(order_from(ByteVector(kOrderStoryMax + 1, 0)).error() ==
        "order_story: not a story as this version writes it");
}

TEST_CASE("order record: what cannot be is refused with its field") {
  const auto fault = [](const std::function<void(v1::OrderStory&)>& change,
                        OrderStory story = held_with_all().story()) {
    v1::OrderStory record;
    const ByteVector bytes = order_bytes(story);
    REQUIRE(record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    change(record);
    const auto read = order_from(canonical_bytes(record));
    return read ? std::string{"read"} : read.error();
  };
  using R = v1::OrderStory;
  CHECK(fault([](R&) {}) == "read");
  CHECK(fault([](R& r) { r.set_format(2); }) == "order_story.format: is not known");
  CHECK(fault([](R& r) { r.set_told_unix_ns(-1); }) == "order_story.told_unix_ns: is no time of ours");
  CHECK(fault([](R& r) { r.set_told_unix_ns(INT64_MAX); }) == "order_story.told_unix_ns: is no time of ours");
  CHECK(fault([](R& r) { r.set_since_unix_ns(r.told_unix_ns() + 1); }) ==
        "order_story.since_unix_ns: is out of order");
  CHECK(fault([](R& r) { r.set_begun_unix_ns(r.since_unix_ns() + 1); }) ==
        "order_story.since_unix_ns: is out of order");
  CHECK(fault([](R& r) { r.set_buyer("\x1b"); }) == "order_story.buyer: is no name");
  CHECK(fault([](R& r) { r.set_end_user(std::string(201, 'x')); }) == "order_story.end_user: is no name");
  CHECK(fault([](R& r) { r.mutable_sites()->SwapElements(0, 1); }) == "order_story.sites: are not in order");
  CHECK(fault([](R& r) { *r.add_sites() = r.sites(1); }) == "order_story.sites: are not in order");
  CHECK(fault([](R& r) { r.mutable_sites(0)->set_site("\n\n"); }) == "order_story.sites: is no name");
  CHECK(fault([](R& r) {
          for (int i = 0; i < 300; ++i) r.add_sites()->set_site("x" + std::to_string(1000 + i));
        }) == "order_story.sites: are too many");
  CHECK(fault([](R& r) { (*r.mutable_sites(0)->mutable_chips())["green"] = 1; }) ==
        "order_story.sites: has no such count");
  CHECK(fault([](R& r) { (*r.mutable_sites(0)->mutable_chips())["pending"] = 0; }) ==
        "order_story.sites: has no such count");
  CHECK(fault([](R& r) { (*r.mutable_sites(0)->mutable_chips())["pending"] = kOrderChipsMax; }) ==
        "order_story.sites: has too many chips");
  CHECK(fault([](R& r) { r.mutable_sites(0)->set_measured(7); }) ==
        "order_story.sites: has too many or too few measured chips");
  CHECK(fault([](R& r) { r.mutable_sites(0)->set_measured(0); }) ==
        "order_story.sites: has too many or too few measured chips");
  CHECK(fault([](R& r) { r.mutable_beyond()->set_measured(0); }) == "order_story.beyond: is of no site");
  CHECK(fault([](R& r) { *r.add_accused() = "short"; }) == "order_story.accused: are more than there are");
  CHECK(fault([](R& r) { r.set_accused(0, "short"); }) ==
        "order_story.accused: has no chip's id, or one twice");
  CHECK(fault([](R& r) { r.set_accused(0, r.accused(1)); }) ==
        "order_story.accused: has no chip's id, or one twice");
  CHECK(fault([](R& r) { *r.add_unanswered() = r.accused(0); }) ==
        "order_story.unanswered: are more than there are");
  CHECK(fault([](R& r) { r.set_unanswered(0, r.accused(0)); }) ==
        "order_story.unanswered: has an accused chip");
  CHECK(fault([](R& r) { r.set_state("held"); }) == "order_story.state: is not known");
  CHECK(fault([](R& r) { r.set_state("open"); }) == "order_story.cause: does not fit the state");
  CHECK(fault([](R& r) { r.clear_cause(); }) == "order_story.cause: does not fit the state");
  CHECK(fault([](R& r) { r.set_cause("bad luck"); }) == "order_story.cause: does not fit the state");
  CHECK(fault([](R& r) { r.mutable_lift(); }) == "order_story.lift: does not fit the state");
  CHECK(fault([](R& r) { r.mutable_overrides()->SwapElements(0, 1); }) ==
        "order_story.overrides: are not in order");
  CHECK(fault([](R& r) { r.set_overrides(1, r.overrides(0)); }) == "order_story.overrides: are not in order");
  CHECK(fault([](R& r) { r.set_overrides(0, ""); }) == "order_story.overrides: has no delivery's name");
  CHECK(fault([](R& r) {
          for (int i = 0; i < 40; ++i) r.add_overrides("E-" + std::to_string(100 + i));
        }) == "order_story.overrides: are too many");
  CHECK(fault([](R& r) { r.mutable_buyer_watch()->set_state("none"); }) ==
        "order_story.buyer_watch: is not known");
  CHECK(fault([](R& r) { r.mutable_buyer_watch()->set_state("maybe"); }) ==
        "order_story.buyer_watch: is not known");
  CHECK(fault([](R& r) { r.mutable_end_user_watch()->set_since_unix_ns(r.told_unix_ns() + 1); }) ==
        "order_story.end_user_watch: is out of order");
  CHECK(fault([](R& r) { r.mutable_end_user_watch()->set_since_unix_ns(5); }) ==
        "order_story.end_user_watch: is out of order");
  CHECK(fault([](R& r) { r.clear_buyer(); }) == "order_story.buyer_watch: is of nobody");
  CHECK(fault([](R& r) { r.set_end_user(r.buyer()); }) == "order_story.end_user_watch: is of nobody");

  OrderDays days = held_with_all();
  const OrderStory lifted = days.event(4, HoldLifted{"explained", "Ann", day(30)}).story();
  CHECK(fault([](R& r) { r.clear_lift(); }, lifted) == "order_story.lift: does not fit the state");
  CHECK(fault([](R& r) { r.mutable_lift()->set_until_unix_ns(r.told_unix_ns()); }, lifted) ==
        "order_story.lift: is over");
  CHECK(fault([](R& r) { r.mutable_lift()->set_accused(4); }, lifted) ==
        "order_story.lift: covers more chips than there are");
  CHECK(fault([](R& r) { r.mutable_lift()->set_unanswered(3); }, lifted) ==
        "order_story.lift: covers more chips than there are");
  CHECK(fault([](R& r) { r.add_overrides("D-1"); }, lifted) == "order_story.overrides: are too many");

  OrderDays many;
  for (unsigned n = 0; n < 256; ++n) many.joined(1, n, n + 1, kPending, "site" + std::to_string(n));
  CHECK(fault([](R& r) { r.mutable_beyond(); }, many.story()) == "order_story.beyond: counts nothing");
  CHECK(fault([](R& r) { r.mutable_beyond()->set_site("x"); }, many.story()) ==
        "order_story.beyond: is of no site");
}

}  // namespace
}  // namespace chiploc
