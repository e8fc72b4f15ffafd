#include "server/picture/png.hpp"

#include <agg_conv_curve.h>
#include <agg_conv_dash.h>
#include <agg_conv_stroke.h>
#include <agg_conv_transform.h>
#include <agg_path_storage.h>
#include <agg_pixfmt_rgb.h>
#include <agg_rasterizer_scanline_aa.h>
#include <agg_renderer_scanline.h>
#include <agg_rendering_buffer.h>
#include <agg_scanline_u.h>

#include <cmath>

#include "server/picture/font.hpp"

#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#include <stb_image_write.h>

namespace chiploc {
namespace {

using Pixels = agg::pixfmt_rgb24;

/// Paints one drawing into memory.
class Painter {
 public:
  Painter(const Drawing& drawing, Theme theme, double scale)
      : width_{static_cast<unsigned>(std::ceil(drawing.width * scale))},
        height_{static_cast<unsigned>(std::ceil(drawing.height * scale))},
        theme_{theme},
        scale_{scale},
        memory_(std::size_t{3} * width_ * height_),
        rows_{memory_.data(), width_, height_, static_cast<int>(3 * width_)},
        pixels_{rows_},
        base_{pixels_} {
    base_.clear(colour(drawing.paper));
    clip_to(0, 0, drawing.width, drawing.height);
    for (const DrawnItem& item : drawing.below) paint(item);
    if (drawing.window) {
      const DrawnWindow& window = *drawing.window;
      clip_to(window.x, window.y, window.width, window.height);
      for (const DrawnItem& item : window.items) paint(item);
      clip_to(0, 0, drawing.width, drawing.height);
      if (window.scale) {
        for (const DrawnItem& item : scale_bar_items(*window.scale)) paint(item);
      }
    }
    for (const DrawnItem& item : drawing.above) paint(item);
  }

  [[nodiscard]] std::string png() const {
    std::string bytes;
    const auto append = [](void* out, void* data, int size) {
      static_cast<std::string*>(out)->append(static_cast<const char*>(data), static_cast<std::size_t>(size));
    };
    const bool written =
        stbi_write_png_to_func(append, &bytes, static_cast<int>(width_), static_cast<int>(height_), 3,
                               memory_.data(), static_cast<int>(3 * width_)) != 0;
    return written ? bytes : std::string{};
  }

 private:
  [[nodiscard]] agg::rgba8 colour(const Ink& ink) const {
    const std::uint32_t rgb = theme_ == Theme::kDark ? ink.dark : ink.light;
    return {(rgb >> 16) & 0xffU, (rgb >> 8) & 0xffU, rgb & 0xffU,
            static_cast<unsigned>(std::lround(ink.opacity * 255.0))};
  }

  void clip_to(double x, double y, double width, double height) {
    const auto whole = [this](double v) { return static_cast<int>(std::lround(v * scale_)); };
    base_.clip_box(whole(x), whole(y), whole(x + width) - 1, whole(y + height) - 1);
    raster_.clip_box(x * scale_, y * scale_, (x + width) * scale_, (y + height) * scale_);
  }

  template <class Source>
  void render(Source& source, const Ink& ink, agg::filling_rule_e rule) {
    raster_.reset();
    raster_.filling_rule(rule);
    raster_.add_path(source);
    agg::render_scanlines_aa_solid(raster_, line_, base_, colour(ink));
  }

  template <class Source>
  void render_stroke(Source& source, const Stroke& stroke) {
    agg::conv_stroke<Source> line{source};
    line.width(stroke.width * scale_);
    line.line_join(agg::round_join);
    line.line_cap(agg::round_cap);
    render(line, stroke.ink, agg::fill_non_zero);
  }

  void paint(const DrawnItem& item) {
    std::visit([this](const auto& drawn) { paint(drawn); }, item);
  }

  void paint(const DrawnPath& drawn) {
    agg::path_storage path;
    for (const DrawnLine& line : drawn.lines) {
      bool first = true;
      for (const DrawnPoint p : line) {
        first ? path.move_to(p.x * scale_, p.y * scale_) : path.line_to(p.x * scale_, p.y * scale_);
        first = false;
      }
      if (drawn.closed && !line.empty()) path.close_polygon();
    }
    if (drawn.fill) render(path, *drawn.fill, agg::fill_even_odd);
    if (!drawn.stroke) return;
    if (drawn.stroke->dash == Dash::kNone) {
      render_stroke(path, *drawn.stroke);
      return;
    }
    agg::conv_dash<agg::path_storage> dashes{path};
    const bool longer = drawn.stroke->dash == Dash::kLong;
    dashes.add_dash((longer ? 7.0 : 2.0) * scale_, (longer ? 5.0 : 4.0) * scale_);
    render_stroke(dashes, *drawn.stroke);
  }

  void paint(const DrawnMark& mark) { paint(mark_path(mark, mark.at)); }

  void paint(const DrawnWords& words) {
    const double width = width_of(words.words, words.size);
    double start = 0.0;
    if (words.align == DrawnWords::Align::kMiddle) start = -width / 2.0;
    if (words.align == DrawnWords::Align::kEnd) start = -width;
    const auto place = [&](DrawnPoint p) {
      p.x += start;
      if (words.upright) p = {p.y, -p.x};
      return DrawnPoint{(words.at.x + p.x) * scale_, (words.at.y + p.y) * scale_};
    };
    agg::path_storage path;
    for (const OutlineStep& step : outline_of(words.words, words.size)) {
      const DrawnPoint to = place(step.to);
      const DrawnPoint control = place(step.control);
      if (step.kind == OutlineStep::Kind::kMove) {
        path.close_polygon();
        path.move_to(to.x, to.y);
      } else if (step.kind == OutlineStep::Kind::kLine) {
        path.line_to(to.x, to.y);
      } else {
        path.curve3(control.x, control.y, to.x, to.y);
      }
    }
    path.close_polygon();
    agg::conv_curve<agg::path_storage> letters{path};
    if (words.halo) render_stroke(letters, {*words.halo, 3.0});
    render(letters, words.ink, agg::fill_non_zero);
  }

  unsigned width_;
  unsigned height_;
  Theme theme_;
  double scale_;
  std::vector<unsigned char> memory_;
  agg::rendering_buffer rows_;
  Pixels pixels_;
  agg::renderer_base<Pixels> base_;
  agg::rasterizer_scanline_aa<> raster_;
  agg::scanline_u8 line_;
};

}  // namespace

std::string png_of(const Drawing& drawing, Theme theme, double scale) {
  return Painter{drawing, theme, scale}.png();
}

}  // namespace chiploc
