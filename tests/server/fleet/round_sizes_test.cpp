// What a real round weighs: more with more anchors, and nothing that a look at the formats would deny.
#include "server/fleet/round_sizes.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

#include <spdlog/spdlog.h>

namespace chiploc::fleet {
namespace {

TEST_CASE("round sizes: measured from rounds of the production engine in a real store", "[fleet]") {
  spdlog::set_level(spdlog::level::err);
  const TempDir folder, other;
  const auto four = measure_round_sizes(4, 8, Borders::world(), folder.path());
  REQUIRE(four);
  CHECK(four->rounds >= 38);
  CHECK(four->rows == Approx(4 + 4 + 1 + 2).margin(0.5));
  CHECK(four->evidence_bytes > 4 * 220 + 4 * 300);  // tickets are 220 bytes each
  CHECK(four->verdict_bytes > 100);
  CHECK(four->store_bytes > four->evidence_bytes + four->context_bytes + four->verdict_bytes);
  CHECK(four->store_bytes < 4 * (four->evidence_bytes + four->context_bytes + four->verdict_bytes));
  CHECK(four->session_datagrams >= 16 + 2);  // pings and answers, and the opening
  CHECK(four->session_datagrams < 30);
  CHECK(four->session_bytes > 28 * four->session_datagrams);
  const TempDir third;
  const auto fewer_pings = measure_round_sizes(4, 5, Borders::world(), third.path());
  REQUIRE(fewer_pings);
  CHECK(four->session_datagrams - fewer_pings->session_datagrams == Approx(2 * 3).margin(0.2));
  const auto eight = measure_round_sizes(8, 8, Borders::world(), other.path());
  REQUIRE(eight);
  CHECK(eight->rows > four->rows + 7);
  CHECK(eight->evidence_bytes > 1.5 * four->evidence_bytes);
}

}  // namespace
}  // namespace chiploc::fleet
