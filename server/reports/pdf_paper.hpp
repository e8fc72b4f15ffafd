#pragma once
// Pages of PDF, by cairo: words in the font of server/picture, and what a drawing is made of.

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "server/picture/drawing.hpp"
#include "server/reports/forms.hpp"

namespace chiploc {

/// What the file says of itself.
struct PdfAbout {
  std::string title;
  std::string author;
  std::string created;  ///< "2026-12-01T12:00:00Z": of the document, never of a clock
};

/// A4 in points from the top left. Owns nothing but cairo's objects; one thread. Text is text: it can be searched and
/// copied, to the letter, as far as the font has the letters.
class PdfPaper {
 public:
  static constexpr double kWidth = 595.0;
  static constexpr double kHeight = 842.0;

  PdfPaper(const PdfAbout& about, const ByteSink& sink);
  ~PdfPaper();
  PdfPaper(const PdfPaper&) = delete;
  PdfPaper& operator=(const PdfPaper&) = delete;

  /// `at` is on the line that the letters stand on. What acts on a display is shown as '?'.
  void words(DrawnPoint at, std::string_view text, double size, const Ink& ink);
  void line(DrawnPoint from, DrawnPoint to, double width, const Ink& ink);
  /// Paths and words of a drawing, cut off at the frame.
  void draw(std::span<const DrawnItem> items, double x, double y, double width, double height);
  void end_page();
  /// The last bytes. False: some were lost, or there was no memory.
  [[nodiscard]] bool finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chiploc
