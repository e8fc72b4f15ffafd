#include "server/reports/pdf_paper.hpp"

#include <cairo-ft.h>
#include <cairo-pdf.h>
#include <cairo.h>
#include <ft2build.h>
#include FT_FREETYPE_H

#include "proto/base/safe_text.hpp"
#include "server/picture/font.hpp"

namespace chiploc {
namespace {

cairo_status_t take_bytes(void* sink, const unsigned char* data, unsigned int size) {
  (*static_cast<ByteSink*>(sink))({reinterpret_cast<const char*>(data), size});
  return CAIRO_STATUS_SUCCESS;
}

/// The program's own font, never one of the machine: the same facts give the same bytes everywhere. Made once and
/// kept, since cairo keeps what it made of a face for as long as it likes; it may be used from any thread. Null: no
/// memory.
cairo_font_face_t* the_letters() {
  static cairo_font_face_t* const kLetters = []() -> cairo_font_face_t* {
    const auto bytes = font_bytes();
    FT_Library fonts = nullptr;
    FT_Face face = nullptr;
    if (FT_Init_FreeType(&fonts) != 0 ||
        FT_New_Memory_Face(fonts, bytes.data(), static_cast<FT_Long>(bytes.size()), 0, &face) != 0)
      return nullptr;
    return cairo_ft_font_face_create_for_ft_face(face, FT_LOAD_NO_HINTING);
  }();
  return kLetters;
}

/// The letters as they are shown: the same as width_of() measures.
std::string shown_letters(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view before = text;
    const auto point = take_code_point(text);
    if (!point || acts_on_display(*point)) {
      out += '?';
    } else {
      out += before.substr(0, before.size() - text.size());
    }
  }
  return out;
}

}  // namespace

struct PdfPaper::State {
  ByteSink sink;
  cairo_surface_t* surface = nullptr;
  cairo_t* pen = nullptr;

  void ink(const Ink& ink) const {
    const auto part = [&](unsigned shift) {
      return static_cast<double>((ink.light >> shift) & 0xffU) / 255.0;
    };
    cairo_set_source_rgba(pen, part(16), part(8), part(0), ink.opacity);
  }
  void show(DrawnPoint at, const std::string& text, double size, const Ink& colour) const {
    ink(colour);
    cairo_set_font_size(pen, size);
    cairo_move_to(pen, at.x, at.y);
    cairo_show_text(pen, text.c_str());
  }
  void paint(const DrawnPath& path) const;
  void paint(const DrawnWords& words) const;
};

void PdfPaper::State::paint(const DrawnPath& path) const {
  cairo_new_path(pen);
  for (const DrawnLine& line : path.lines) {
    for (std::size_t i = 0; i < line.size(); ++i)
      i == 0 ? cairo_move_to(pen, line[i].x, line[i].y) : cairo_line_to(pen, line[i].x, line[i].y);
    if (path.closed) cairo_close_path(pen);
  }
  if (path.fill) {
    ink(*path.fill);
    cairo_set_fill_rule(pen, CAIRO_FILL_RULE_EVEN_ODD);
    cairo_fill_preserve(pen);
  }
  if (path.stroke) {
    ink(path.stroke->ink);
    cairo_set_line_width(pen, path.stroke->width);
    cairo_stroke_preserve(pen);
  }
  cairo_new_path(pen);
}

void PdfPaper::State::paint(const DrawnWords& words) const {
  const double width = width_of(words.words, words.size);
  const double back = words.align == DrawnWords::Align::kMiddle ? width / 2.0
                      : words.align == DrawnWords::Align::kEnd  ? width
                                                                : 0.0;
  show({words.at.x - back, words.at.y}, shown_letters(words.words), words.size, words.ink);
}

PdfPaper::PdfPaper(const PdfAbout& about, const ByteSink& sink) : state_{std::make_unique<State>()} {
  State& s = *state_;
  s.sink = sink;
  s.surface = cairo_pdf_surface_create_for_stream(take_bytes, &s.sink, kWidth, kHeight);
  cairo_pdf_surface_restrict_to_version(s.surface, CAIRO_PDF_VERSION_1_5);
  cairo_pdf_surface_set_metadata(s.surface, CAIRO_PDF_METADATA_TITLE, shown_letters(about.title).c_str());
  cairo_pdf_surface_set_metadata(s.surface, CAIRO_PDF_METADATA_AUTHOR, shown_letters(about.author).c_str());
  cairo_pdf_surface_set_metadata(s.surface, CAIRO_PDF_METADATA_CREATOR, "chiploc");
  cairo_pdf_surface_set_metadata(s.surface, CAIRO_PDF_METADATA_CREATE_DATE, about.created.c_str());
  s.pen = cairo_create(s.surface);
  if (the_letters() == nullptr) return;  // finish() says so
  cairo_set_font_face(s.pen, the_letters());
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_set_font_options(s.pen, options);
  cairo_font_options_destroy(options);
}

PdfPaper::~PdfPaper() {
  cairo_destroy(state_->pen);
  cairo_surface_destroy(state_->surface);  // what it still has to write goes to the sink, which is there
}

void PdfPaper::words(DrawnPoint at, std::string_view text, double size, const Ink& ink) {
  state_->show(at, shown_letters(text), size, ink);
}

void PdfPaper::line(DrawnPoint from, DrawnPoint to, double width, const Ink& ink) {
  state_->paint(DrawnPath{{{from, to}}, false, std::nullopt, Stroke{ink, width}, "", ""});
}

void PdfPaper::draw(std::span<const DrawnItem> items, double x, double y, double width, double height) {
  cairo_save(state_->pen);
  cairo_rectangle(state_->pen, x, y, width, height);
  cairo_clip(state_->pen);
  for (const DrawnItem& item : items) {
    if (const auto* path = std::get_if<DrawnPath>(&item)) state_->paint(*path);
    if (const auto* words = std::get_if<DrawnWords>(&item)) state_->paint(*words);
    if (const auto* mark = std::get_if<DrawnMark>(&item)) state_->paint(mark_path(*mark, mark->at));
  }
  cairo_restore(state_->pen);
}

void PdfPaper::end_page() { cairo_show_page(state_->pen); }

bool PdfPaper::finish() {
  if (the_letters() == nullptr) return false;
  cairo_surface_finish(state_->surface);
  return cairo_status(state_->pen) == CAIRO_STATUS_SUCCESS &&
         cairo_surface_status(state_->surface) == CAIRO_STATUS_SUCCESS;
}

}  // namespace chiploc
