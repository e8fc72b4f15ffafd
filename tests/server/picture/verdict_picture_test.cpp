#include "server/picture/verdict_picture.hpp"

#include "server/picture/svg.hpp"
#include "tests/server/picture/sample_map.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/markup.hpp"

namespace chiploc::test::verdict_picture_test {
namespace {

TEST_CASE("verdict picture: everything the map has is drawn, and said", "[picture]") {
  const std::string svg = svg_of(draw_verdict(central_europe(), sample_facts()));
  CHECK(markup_fault(svg).empty());
  for (const char* role : {"class=\"sea ", "class=\"land licensed ", "class=\"land prohibited ",
                           "class=\"hatch ", "class=\"disk ", "class=\"region ", "class=\"estimate ",
                           "class=\"posterior ", "class=\"anchor ", "class=\"degrees "}) {
    CAPTURE(role);
    CHECK(times_in(svg, role) >= 1);
  }
  for (const char* words :
       {"VERIFIED", "SN-0007", "licence LIC-1 of Example AG", "decided 2026-11-30 20:00:00Z, good until",
        "Germany (DE) (licensed)", "Czechia (CZ) (prohibited)", "Licensed: DE, AT", "Prohibited: CZ",
        "not proved", "fra1", "3.20 ms", "480 km", "not counted: left out", "OpenStreetMap contributors",
        "Natural Earth", "Judged by chiploc 0", " km</text>"}) {
    CAPTURE(words);
    CHECK(times_in(svg, words) >= 1);
  }
  CHECK(times_in(svg, "no round trip") == 0);
}

TEST_CASE("verdict picture: words stay on the page, whatever they are", "[picture]") {
  for (const VerdictFacts& facts : {sample_facts(), hostile_facts()}) {
    VerdictFacts long_facts = facts;
    long_facts.serial += std::string(3'000, 'W');
    long_facts.reason += std::string(3'000, 'W');
    const Drawing drawing = draw_verdict(central_europe(), long_facts);
    CHECK(markup_fault(svg_of(drawing)).empty());
    std::size_t words_seen = 0;
    for (const DrawnItem& item : drawing.above) {
      const auto* words = std::get_if<DrawnWords>(&item);
      if (words == nullptr) continue;
      ++words_seen;
      CHECK(words->at.x >= 0.0);
      CHECK(words->at.x <= drawing.width);
      CHECK(words->at.y > 0.0);
      CHECK(words->at.y < drawing.height);
      CHECK(words->words.size() < 2'000);
    }
    CHECK(words_seen > 15);
  }
}

TEST_CASE("verdict picture: a region across the antimeridian, at a pole, over half the globe, everywhere",
          "[picture]") {
  for (const auto& [place, km] :
       {std::pair{place_at(-17.0, 179.9), 600.0}, std::pair{place_at(89.0, 10.0), 900.0},
        std::pair{place_at(35.0, 139.0), 14'000.0}, std::pair{place_at(0.0, 0.0), 20'100.0}}) {
    CAPTURE(place.lat_deg(), place.lon_deg(), km);
    const std::string svg = svg_of(draw_verdict(sample_map({{"a", place, km}}), sample_facts()));
    CHECK(markup_fault(svg).empty());
    CHECK(times_in(svg, "class=\"region ") >= 1);
    CHECK(times_in(svg, "nan") == 0);
  }
}

TEST_CASE("verdict picture: expired is said and has no colour, an empty map is a page all the same",
          "[picture]") {
  VerdictFacts facts = sample_facts();
  facts.expired = true;
  CHECK_THAT(svg_of(draw_verdict(central_europe(), facts)),
             Catch::Contains("VERIFIED (expired)") && Catch::Contains(", expired 2026-12-01"));
  const std::string svg = svg_of(draw_verdict(MapJson::parse("{}"), sample_facts()));
  CHECK(markup_fault(svg).empty());
  CHECK_THAT(svg, Catch::Contains("No region"));
}

}  // namespace
}  // namespace chiploc::test::verdict_picture_test
