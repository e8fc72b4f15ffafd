#include "server/service/chip_choice.hpp"

#include "tests/server/storage/fixture.hpp"

namespace chiploc::test {
namespace {

constexpr std::uint32_t kVerified = 1, kOutside = 4;

/// Chips 1 to 6, serial numbers the other way round. 1 and 4 are Acme's by L-A, 2 and 5 Acme's by L-B, 3 and 6
/// Bolt's. Chips 1 to 4 have verdicts, decided at 10, 40, 30 and 20; each is good for a day.
struct Fleet {
  Folder folder;
  std::unique_ptr<Store> store = folder.open();
  Registry registry;

  Fleet() {
    registry.put(LicenceRecord{"L-A", "Acme", {}, {}, {}});
    registry.put(LicenceRecord{"L-B", "Acme", {}, {}, {}});
    registry.put(LicenceRecord{"L-C", "Bolt", {}, {}, {}});
    const char* licences[] = {"L-A", "L-B", "L-C"};
    for (std::uint64_t i = 1; i <= 6; ++i) {
      ChipRecord chip;
      chip.id = id<ChipId>(i);
      chip.serial = "SN-" + std::to_string(9 - i);
      chip.licence = licences[(i - 1) % 3];
      registry.put(std::move(chip));
    }
    add_verdict(*store, 1, 1, kVerified, 10);
    add_verdict(*store, 2, 2, kOutside, 40);
    add_verdict(*store, 3, 3, kVerified, 30);
    add_verdict(*store, 4, 4, kOutside, 20);
    add_verdict(*store, 9, 9, kOutside, 20);  // of a chip that this registry does not have
  }

  /// The numbers of the chips that fit, page by page.
  std::vector<int> chosen(ChipWish wish, std::size_t page_size = 10) {
    std::vector<int> out;
    std::optional<ChipCursor> after;
    for (;;) {
      const auto page = choose_chips(registry, store->verdicts(), wish, after, page_size);
      REQUIRE(page);
      CHECK(page->rows.size() <= page_size);
      for (const ChipCursor& row : page->rows) out.push_back(row.id.bytes[7]);
      if (!page->more) return out;
      REQUIRE_FALSE(page->rows.empty());
      after = page->rows.back();
    }
  }
};

using Chips = std::vector<int>;

TEST_CASE("chips: by licence, holder and what their latest verdict says", "[service][chips]") {
  Fleet fleet;
  CHECK(fleet.chosen({}) == Chips{1, 2, 3, 4, 5, 6});
  CHECK(fleet.chosen({.licence = fleet.registry.licence("L-A")}) == Chips{1, 4});
  CHECK(fleet.chosen({.holder = "Acme"}) == Chips{1, 2, 4, 5});
  CHECK(fleet.chosen({.licence = fleet.registry.licence("L-A"), .holder = "Bolt"}).empty());
  CHECK(fleet.chosen({.states = {kOutside}}) == Chips{2, 4});
  CHECK(fleet.chosen({.states = {kOutside, kVerified}}) == Chips{1, 2, 3, 4});
  CHECK(fleet.chosen({.holder = "Bolt", .states = {kVerified}}) == Chips{3});
  CHECK(fleet.chosen({.since = at(20)}) == Chips{2, 3, 4});
  CHECK(fleet.chosen({.until = at(20)}) == Chips{1});
  CHECK(fleet.chosen({.since = at(20), .until = at(40)}) == Chips{3, 4});
  CHECK(fleet.chosen({.expired_by = at(86'400 + 20)}) == Chips{1, 4});
  CHECK(fleet.chosen({.states = {7}}).empty());
}

TEST_CASE("chips: in every order, on pages of any size", "[service][chips]") {
  Fleet fleet;
  for (const std::size_t size : {1U, 2U, 4U, 6U, 10U}) {
    CAPTURE(size);
    CHECK(fleet.chosen({}, size) == Chips{1, 2, 3, 4, 5, 6});
    CHECK(fleet.chosen({.order = v1::BY_SERIAL}, size) == Chips{6, 5, 4, 3, 2, 1});
    CHECK(fleet.chosen({.order = v1::BY_LICENCE}, size) == Chips{1, 4, 2, 5, 3, 6});
    CHECK(fleet.chosen({.order = v1::BY_DECIDED}, size) == Chips{2, 3, 4, 1, 5, 6});
    CHECK(fleet.chosen({.order = v1::BY_EXPIRES}, size) == Chips{1, 4, 3, 2, 5, 6});
    CHECK(fleet.chosen({.states = {kOutside}, .order = v1::BY_DECIDED}, size) == Chips{2, 4});
    CHECK(fleet.chosen({.holder = "Acme", .order = v1::BY_EXPIRES, .count = true}, size) ==
          Chips{1, 4, 2, 5});
  }
}

TEST_CASE("chips: all that fit are counted, not the page alone", "[service][chips]") {
  Fleet fleet;
  const auto total = [&](ChipWish wish) {
    wish.count = true;
    const auto page = choose_chips(fleet.registry, fleet.store->verdicts(), wish, std::nullopt, 1);
    CHECK(page->rows.size() <= 1);
    return page->total;
  };
  CHECK(total({}) == 6);
  CHECK(total({.holder = "Acme"}) == 4);
  CHECK(total({.states = {kOutside}}) == 2);
  CHECK(total({.states = {7}}) == 0);
  CHECK(total({.order = v1::BY_DECIDED}) == 6);

  const auto all = count_chips(fleet.registry, fleet.store->verdicts(), {}, at(86'400 + 20));
  CHECK(all->by_state == std::map<std::uint32_t, std::uint64_t>{{kVerified, 2}, {kOutside, 2}});
  CHECK(all->expired == 2);
  CHECK(count_chips(fleet.registry, fleet.store->verdicts(), {.holder = "Bolt"}, at(0))->by_state ==
        std::map<std::uint32_t, std::uint64_t>{{kVerified, 1}});
}

}  // namespace
}  // namespace chiploc::test
