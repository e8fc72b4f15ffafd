#include "server/picture/svg.hpp"

#include <algorithm>
#include <cmath>

#include "tests/support/catch.hpp"
#include "tests/support/markup.hpp"

namespace chiploc::test::svg_test {
namespace {

constexpr Ink kInk{0x112233, 0xddeeff, 0.5};

Drawing small_drawing() {
  Drawing drawing;
  drawing.width = 200.0;
  drawing.height = 100.0;
  drawing.title = "a <b> & \"c\"";
  drawing.below.push_back(DrawnPath{
      {{{0, 0}, {10, 0}, {10, 10.04}}}, true, kInk, Stroke{kInk, 2.0, Dash::kLong}, "area", "what <it> is"});
  drawing.below.push_back(
      DrawnWords{{5, 5}, "side", kInk, 12.0, DrawnWords::Align::kMiddle, true, std::nullopt, "", ""});
  drawing.window = DrawnWindow{20, 30, 100, 50, {}, ScaleBar{{30, 70}, 60.0, 0.5, kInk}};
  drawing.window->items.push_back(
      DrawnMark{{50, 50}, DrawnMark::Shape::kDot, 8.0, kInk, kInk, "anchor", "fra1"});
  drawing.window->items.push_back(
      DrawnWords{{60, 50}, "fra1", kInk, 11.0, DrawnWords::Align::kStart, false, kInk, "anchor", ""});
  return drawing;
}

TEST_CASE("svg: well-formed, with classes, hover texts and both brightnesses", "[picture]") {
  const std::string svg = svg_of(small_drawing());
  CHECK(markup_fault(svg).empty());
  CHECK(svg == svg_of(small_drawing()));
  for (const char* part :
       {"<title>a &lt;b&gt; &amp; &quot;c&quot;</title>", "class=\"area c", "stroke-dasharray=\"7 5\"",
        "d=\"M0 0L10 0L10 10Z\"", "<title>what &lt;it&gt; is</title>", "rotate(-90 5 5)",
        "<svg class=\"map\" x=\"20\" y=\"30\" width=\"100\" height=\"50\"", "overflow=\"hidden\"",
        "<g class=\"pin\" transform=\"translate(50 50)\">", "{fill:#112233;fill-opacity:0.5}",
        "@media (prefers-color-scheme:dark)", "{fill:#ddeeff;fill-opacity:0.5}", "paint-order:stroke",
        "data-km=\"0.5\"", ">20 km<"}) {
    CHECK_THAT(svg, Catch::Contains(part));
  }
}

TEST_CASE("svg: text from outside is neither markup nor a control character", "[picture]") {
  CHECK(xml_text("<a href='x'>\"&") == "&lt;a href=&#39;x&#39;&gt;&quot;&amp;");
  CHECK(xml_text("a\x1b[2J\n\x01\x7f") == "a?[2J???");
  CHECK(xml_text("\xff\xC3") == "??");
  CHECK(xml_text("x\xE2\x80\xAEy") == "x?y");           // turns the direction
  CHECK(xml_text("\xEF\xBF\xBF\xEF\xBF\xBE") == "??");  // U+FFFF and U+FFFE are no characters of XML
  CHECK(xml_text("M\xC3\xBCller \xE6\x9D\xB1") == "M\xC3\xBCller \xE6\x9D\xB1");
}

TEST_CASE("svg: numbers that are none break nothing", "[picture]") {
  Drawing drawing = small_drawing();
  drawing.below.push_back(
      DrawnPath{{{{std::nan(""), 1.0}, {-1.0 / 0.0, -0.001}}}, false, std::nullopt, Stroke{kInk}, "", ""});
  const std::string svg = svg_of(drawing);
  CHECK_THAT(svg, !Catch::Contains("nan") && !Catch::Contains("inf") && !Catch::Contains("-0L") &&
                      !Catch::Contains("-0\""));
}

TEST_CASE("kilometres: as many digits as matter", "[picture]") {
  CHECK(km_text(14'000.4) == "14,000 km");
  CHECK(km_text(1'234'567.0) == "1,234,567 km");
  CHECK(km_text(999.6) == "1,000 km");
  CHECK(km_text(850.0) == "850 km");
  CHECK(km_text(27.31) == "27.3 km");
  CHECK(km_text(5.0) == "5 km");
  CHECK(km_text(0.85) == "850 m");
  CHECK(km_text(0.0) == "0 m");
}

TEST_CASE("scale bar: a round length that is no longer than it may be, at every zoom", "[picture]") {
  CHECK(round_length(100.0) == 100.0);
  CHECK(round_length(99.9) == 50.0);
  CHECK(round_length(49.0) == 20.0);
  CHECK(round_length(1.99) == 1.0);
  CHECK(round_length(0.3) == Approx(0.2));
  const ScaleBar bar{{0, 0}, 100.0, 1.0, kInk};
  for (const double zoom : {0.001, 0.7, 1.0, 3.0, 40.0, 3'000.0}) {
    const auto items = scale_bar_items(bar, zoom);
    const auto& line = std::get<DrawnPath>(items[0]).lines[0];
    const double pixels = line[2].x - line[1].x;
    CHECK(pixels <= 100.0 + 1e-9);
    CHECK(pixels > 39.0);
    std::string words = std::get<DrawnWords>(items[1]).words;
    words.erase(std::remove(words.begin(), words.end(), ','), words.end());
    double amount = 0.0;
    char unit[8] = "";
    REQUIRE(std::sscanf(words.c_str(), "%lf %7s", &amount, unit) == 2);
    CHECK(amount * (std::string{unit} == "m" ? 0.001 : 1.0) == Approx(pixels / zoom));
  }
}

}  // namespace
}  // namespace chiploc::test::svg_test
