#include "server/picture/font.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::font_test {
namespace {

TEST_CASE("font: widths add up and grow with the size", "[picture]") {
  CHECK(width_of("", 12.0) == 0.0);
  CHECK(width_of("mm", 12.0) == Approx(2.0 * width_of("m", 12.0)));
  CHECK(width_of("m", 24.0) == Approx(2.0 * width_of("m", 12.0)));
  CHECK(width_of("i", 12.0) < width_of("m", 12.0));
  // DejaVu Sans: 2048 units an em, a digit is 1303 of them wide.
  CHECK(width_of("0", 2048.0) == Approx(1303.0));
}

TEST_CASE("font: letters are closed outlines above the line they stand on", "[picture]") {
  const auto steps = outline_of("I", 100.0);
  REQUIRE(!steps.empty());
  CHECK(steps.front().kind == OutlineStep::Kind::kMove);
  double top = 0.0, bottom = -1e9;
  for (const OutlineStep& step : steps) {
    top = std::min(top, step.to.y);
    bottom = std::max(bottom, step.to.y);
  }
  CHECK(bottom == Approx(0.0).margin(1.0));
  CHECK(top == Approx(-72.9).margin(1.0));  // cap height 1493 of 2048
  CHECK(outline_of(" ", 100.0).empty());
}

TEST_CASE("font: what cannot be shown is a question mark, what is not in it a box", "[picture]") {
  CHECK(width_of("\x1b", 12.0) == width_of("?", 12.0));
  CHECK(width_of("\xff", 12.0) == width_of("?", 12.0));
  CHECK(width_of("\xE2\x80\xAE", 12.0) == width_of("?", 12.0));
  CHECK(!outline_of("\xE6\x9D\xB1", 12.0).empty());
  CHECK(outline_of("\xC3\xBC", 12.0).size() > outline_of("u", 12.0).size());
}

TEST_CASE("font: words and lines keep to a width", "[picture]") {
  CHECK(words_within("short", 12.0, 200.0) == "short");
  const std::string cut =
      words_within("a very long name \xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC", 12.0, 100.0);
  CHECK_THAT(cut, Catch::EndsWith("..."));
  CHECK(width_of(cut, 12.0) <= 100.0);
  const auto lines = lines_within("one two three four five six seven eight", 12.0, 80.0, 3);
  REQUIRE(lines.size() == 3);
  for (const std::string& line : lines) CHECK(width_of(line, 12.0) <= 80.0);
  CHECK(lines[0] == "one two");
  CHECK_THAT(lines[2], Catch::EndsWith("..."));
  CHECK(lines_within("", 12.0, 80.0, 3).empty());
  CHECK(lines_within("one", 12.0, 80.0, 3) == std::vector<std::string>{"one"});
}

}  // namespace
}  // namespace chiploc::font_test
