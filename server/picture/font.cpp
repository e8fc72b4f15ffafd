#include "server/picture/font.hpp"

#include <cstdlib>
#include <memory>

#include "proto/base/safe_text.hpp"

// stb_truetype reads this one font, which the build put into the program, and never another.
#define STBTT_STATIC
#define STB_TRUETYPE_IMPLEMENTATION
#include <stb_truetype.h>

extern "C" const unsigned char chiploc_font_data_begin[];
extern "C" const unsigned char chiploc_font_data_end[];

namespace chiploc {
namespace {

const stbtt_fontinfo& the_font() {
  static const stbtt_fontinfo font = [] {
    stbtt_fontinfo info{};
    if (stbtt_InitFont(&info, chiploc_font_data_begin,
                       stbtt_GetFontOffsetForIndex(chiploc_font_data_begin, 0)) == 0)
      std::abort();  // the program file is damaged
    return info;
  }();
  return font;
}

double font_scale(double size) {
  return static_cast<double>(stbtt_ScaleForMappingEmToPixels(&the_font(), static_cast<float>(size)));
}

/// Calls `visit(glyph, pen)` for each letter, with the pen in units of the font; returns where it ends.
template <class Visit>
double for_each_glyph(std::string_view words, Visit&& visit) {
  double pen = 0.0;
  while (!words.empty()) {
    const auto point = take_code_point(words);
    const char32_t shown = point && !acts_on_display(*point) ? *point : U'?';
    const int glyph = stbtt_FindGlyphIndex(&the_font(), static_cast<int>(shown));
    visit(glyph, pen);
    int advance = 0;
    stbtt_GetGlyphHMetrics(&the_font(), glyph, &advance, nullptr);
    pen += advance;
  }
  return pen;
}

}  // namespace

std::span<const unsigned char> font_bytes() { return {chiploc_font_data_begin, chiploc_font_data_end}; }

std::vector<OutlineStep> outline_of(std::string_view words, double size) {
  std::vector<OutlineStep> steps;
  const double scale = font_scale(size);
  for_each_glyph(words, [&](int glyph, double pen) {
    stbtt_vertex* vertices = nullptr;
    const int count = stbtt_GetGlyphShape(&the_font(), glyph, &vertices);
    const auto free_shape = [](stbtt_vertex* shape) { stbtt_FreeShape(&the_font(), shape); };
    const std::unique_ptr<stbtt_vertex, decltype(free_shape)> owner{vertices, free_shape};
    for (int i = 0; i < count; ++i) {
      const stbtt_vertex& v = vertices[i];
      const OutlineStep::Kind kind = v.type == STBTT_vmove   ? OutlineStep::Kind::kMove
                                     : v.type == STBTT_vline ? OutlineStep::Kind::kLine
                                                             : OutlineStep::Kind::kCurve;
      steps.push_back({kind, {(pen + v.x) * scale, -v.y * scale}, {(pen + v.cx) * scale, -v.cy * scale}});
    }
  });
  return steps;
}

double width_of(std::string_view words, double size) {
  return for_each_glyph(words, [](int, double) {}) * font_scale(size);
}

std::string words_within(std::string_view words, double size, double width) {
  if (width_of(words, size) <= width) return std::string{words};
  std::string kept;
  std::string_view rest = words;
  while (!rest.empty()) {
    std::string_view after = rest;
    static_cast<void>(take_code_point(after));
    const std::string longer = kept + std::string{rest.substr(0, rest.size() - after.size())};
    if (width_of(longer + "...", size) > width) break;
    kept = longer;
    rest = after;
  }
  return kept + "...";
}

std::vector<std::string> lines_within(std::string_view words, double size, double width, std::size_t most) {
  std::vector<std::string> lines;
  std::string line;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    const std::string word{words.substr(0, end)};
    const std::string longer = line.empty() ? word : line + " " + word;
    if (line.empty() || width_of(longer, size) <= width) {
      line = longer;
    } else if (lines.size() + 1 == most) {
      lines.push_back(words_within(line + " " + std::string{words}, size, width));
      return lines;
    } else {
      lines.push_back(words_within(line, size, width));
      line = word;
    }
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  if (!line.empty()) lines.push_back(words_within(line, size, width));
  return lines;
}

}  // namespace chiploc
