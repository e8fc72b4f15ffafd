// Not run by itself: writes pictures for people to look at.
//     CHIPLOC_PICTURES=FOLDER build/dev/bin/picture_test "[look]"
#include <cstdlib>
#include <fstream>

#include "server/picture/html.hpp"
#include "server/picture/png.hpp"
#include "server/picture/svg.hpp"
#include "tests/server/picture/sample_map.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test::look_test {
namespace {

void write_pictures(const std::string& folder, const std::string& name, const MapJson& map,
                    const VerdictFacts& facts) {
  const auto write = [&](const std::string& ending, const std::string& content) {
    std::ofstream out{folder + "/" + name + ending, std::ios::binary};
    out << content;
    REQUIRE(out.flush().good());
  };
  const Drawing drawing = draw_verdict(map, facts);
  write(".svg", svg_of(drawing));
  write(".html", html_of(draw_verdict(map, facts, kDetailForZoom)));
  write("-light.png", png_of(drawing, Theme::kLight));
  write("-dark.png", png_of(drawing, Theme::kDark));
}

TEST_CASE("look: pictures of regions of every kind", "[.][look]") {
  const char* folder = std::getenv("CHIPLOC_PICTURES");
  REQUIRE(folder != nullptr);
  write_pictures(folder, "europe", central_europe(), sample_facts());
  MapJson areas = central_europe();
  const auto add_area = [&](const char* name, bool prohibited, const char* ring) {
    areas["features"].push_back(
        sample_feature({{"type", "Polygon"}, {"coordinates", {MapJson::parse(ring)}}},
                       {{"role", "territory"}, {"territory", name}, {"prohibited", prohibited}}));
  };
  add_area("rhine-main", false, "[[7.5,49.5],[9.5,49.3],[10.2,50.6],[8.4,51.0],[7.5,49.5]]");
  add_area("border-zone", true, "[[12.0,50.0],[15.5,50.0],[15.5,51.6],[12.0,51.6],[12.0,50.0]]");
  add_area("hall-7", false,
           "[[11.570,50.130],[11.571,50.130],[11.571,50.131],[11.570,50.131],[11.570,50.130]]");
  VerdictFacts named = sample_facts();
  named.licensed = {"AT", "rhine-main", "hall-7"};
  named.prohibited = {"CZ", "border-zone"};
  named.not_drawn = {"old-pier"};
  write_pictures(folder, "areas", areas, named);
  write_pictures(folder, "small",
                 sample_map({{"zrh1", place_at(47.4, 8.5), 25.0}, {"bsl1", place_at(47.55, 7.6), 75.0}}),
                 sample_facts());
  write_pictures(folder, "fiji", sample_map({{"suv1", place_at(-18.1, 178.4), 500.0}}), sample_facts());
  write_pictures(folder, "pole", sample_map({{"lyr1", place_at(78.2, 15.6), 1'900.0}}), sample_facts());
  write_pictures(folder, "half", sample_map({{"tyo1", place_at(35.7, 139.7), 13'000.0}}), sample_facts());
  write_pictures(folder, "everywhere", sample_map({{"tyo1", place_at(35.7, 139.7), 20'100.0}}),
                 sample_facts());
  MapJson clone =
      sample_map({{"sin1", place_at(1.3, 103.8), 900.0}, {"kul1", place_at(3.1, 101.7), 1'100.0}}, "1");
  const MapJson other =
      sample_map({{"syd1", place_at(-33.9, 151.2), 800.0}, {"mel1", place_at(-37.8, 145.0), 1'300.0}}, "2");
  for (const MapJson& feature : other["features"]) clone["features"].push_back(feature);
  VerdictFacts facts = sample_facts();
  facts.state = "INVALID";
  facts.reason = "Two holders of the chip's key answered this round.";
  facts.licensed = {"AU"};
  write_pictures(folder, "clone", clone, facts);
}

}  // namespace
}  // namespace chiploc::test::look_test
