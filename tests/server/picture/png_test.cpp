#include "server/picture/png.hpp"

#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#include <stb_image.h>

#include <array>
#include <memory>

#include "tests/server/picture/sample_map.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test::png_test {
namespace {

struct Picture {
  int width = 0, height = 0;
  std::unique_ptr<unsigned char, void (*)(void*)> pixels{nullptr, stbi_image_free};
  [[nodiscard]] std::array<int, 3> at(int x, int y) const {
    const unsigned char* p = pixels.get() + 3 * (y * width + x);
    return {p[0], p[1], p[2]};
  }
};

Picture decoded(const std::string& png) {
  Picture picture;
  int channels = 0;
  picture.pixels.reset(stbi_load_from_memory(reinterpret_cast<const unsigned char*>(png.data()),
                                             static_cast<int>(png.size()), &picture.width, &picture.height,
                                             &channels, 3));
  REQUIRE(picture.pixels);
  return picture;
}

constexpr Ink kRed{0xff0000, 0x00ff00};

DrawnWords words_at(DrawnPoint at, const std::string& words, const Ink& ink, double size) {
  return {at, words, ink, size, DrawnWords::Align::kStart, false, std::nullopt, "", ""};
}

Drawing with_window_content() {
  Drawing drawing;
  drawing.width = 100.0;
  drawing.height = 80.0;
  drawing.paper = {0xffffff, 0x000000};
  drawing.window = DrawnWindow{20, 20, 40, 40, {}, std::nullopt};
  // Larger than the window and the picture.
  drawing.window->items.push_back(DrawnPath{
      {{{-500, -500}, {500, -500}, {500, 500}, {-500, 500}}}, true, kRed, Stroke{kRed, 30.0}, "", ""});
  drawing.window->items.push_back(words_at({10, 40}, "MMMMMMMMMMMM", kRed, 30.0));
  return drawing;
}

TEST_CASE("png: nothing of a window is painted outside it, in either theme", "[picture]") {
  for (const Theme theme : {Theme::kLight, Theme::kDark}) {
    const Picture picture = decoded(png_of(with_window_content(), theme, 2.0));
    REQUIRE(picture.width == 200);
    REQUIRE(picture.height == 160);
    const std::array<int, 3> paper =
        theme == Theme::kLight ? std::array<int, 3>{255, 255, 255} : std::array<int, 3>{0, 0, 0};
    const std::array<int, 3> ink =
        theme == Theme::kLight ? std::array<int, 3>{255, 0, 0} : std::array<int, 3>{0, 255, 0};
    for (int y = 0; y < picture.height; ++y) {
      for (int x = 0; x < picture.width; ++x) {
        const bool in = x >= 40 && x < 120 && y >= 40 && y < 120;
        if (picture.at(x, y) != (in ? ink : paper)) FAIL("pixel " << x << ", " << y);
      }
    }
  }
}

TEST_CASE("png: holes stay holes, inks mix, words and dashes are drawn", "[picture]") {
  Drawing drawing;
  drawing.width = 60.0;
  drawing.height = 40.0;
  drawing.below.push_back(
      DrawnPath{{{{0, 0}, {30, 0}, {30, 30}, {0, 30}}, {{10, 10}, {20, 10}, {20, 20}, {10, 20}}},
                true,
                Ink{0x0000ff, 0, 0.5},
                std::nullopt,
                "",
                ""});
  drawing.below.push_back(
      DrawnPath{{{{0, 35}, {60, 35}}}, false, std::nullopt, Stroke{kRed, 2.0, Dash::kLong}, "", ""});
  drawing.below.push_back(words_at({35, 25}, "X", Ink{0x000000, 0}, 24.0));
  const Picture picture = decoded(png_of(drawing, Theme::kLight, 1.0));
  CHECK(picture.at(5, 5)[2] == 255);
  CHECK(std::abs(picture.at(5, 5)[0] - 127) <= 2);
  CHECK(picture.at(15, 15) == std::array<int, 3>{255, 255, 255});
  int dark = 0, red = 0;
  for (int x = 0; x < 60; ++x) {
    red += picture.at(x, 35)[1] < 60 ? 1 : 0;
    for (int y = 8; y < 26; ++y) dark += x > 34 && picture.at(x, y)[0] < 60 ? 1 : 0;
  }
  CHECK(red > 25);
  CHECK(red < 50);
  CHECK(dark > 20);
}

TEST_CASE("png: the same verdict gives the same bytes, and texts of any kind are painted", "[picture]") {
  const Drawing drawing = draw_verdict(central_europe(), hostile_facts());
  const std::string once = png_of(drawing, Theme::kLight);
  CHECK(once == png_of(draw_verdict(central_europe(), hostile_facts()), Theme::kLight));
  CHECK(once != png_of(drawing, Theme::kDark));
  const Picture picture = decoded(once);
  CHECK(picture.width == 1860);
}

}  // namespace
}  // namespace chiploc::test::png_test
