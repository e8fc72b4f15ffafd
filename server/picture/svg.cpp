#include "server/picture/svg.hpp"

#include <cmath>
#include <cstdio>
#include <utility>

#include "proto/base/safe_text.hpp"

namespace chiploc {
namespace {

/// Writes one drawing; keeps the classes that its colours need.
class SvgWriter {
 public:
  explicit SvgWriter(int decimals) : decimals_{decimals} {}

  [[nodiscard]] std::string document(const Drawing& drawing) {
    out_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"drawing\" width=\"" + number(drawing.width) +
           "\" height=\"" + number(drawing.height) + "\" viewBox=\"0 0 " + number(drawing.width) + " " +
           number(drawing.height) + "\" role=\"img\">\n";
    if (!drawing.title.empty()) out_ += "<title>" + xml_text(drawing.title) + "</title>\n";
    out_ += "<rect width=\"100%\" height=\"100%\" class=\"" + fill_class(drawing.paper) + "\"/>\n";
    for (const DrawnItem& item : drawing.below) add(item);
    if (drawing.window) add_window(*drawing.window);
    for (const DrawnItem& item : drawing.above) add(item);
    return std::move(out_) + "</svg>\n";
  }

  [[nodiscard]] std::string style() const {
    std::string light =
        ".drawing{font-family:\"DejaVu Sans\",Verdana,sans-serif}"
        ".drawing path{stroke-linejoin:round;stroke-linecap:round}"
        ".map path{vector-effect:non-scaling-stroke}.b{fill:none}\n";
    std::string dark;
    for (const auto& [key, name] : classes_) {
      const auto& [kind, ink] = key;
      light += rule(name, kind, ink.light, ink.opacity);
      if (ink.dark != ink.light) dark += rule(name, kind, ink.dark, ink.opacity);
    }
    return light + "@media (prefers-color-scheme:dark){\n" + dark + "}\n";
  }

 private:
  enum class Use { kFill, kStroke, kHalo };

  static std::string rule(const std::string& name, Use use, std::uint32_t colour, double opacity) {
    char text[160];
    const char* what = use == Use::kFill ? "fill" : "stroke";
    std::snprintf(text, sizeof text, ".%s{%s:#%06x", name.c_str(), what, colour & 0xffffffU);
    std::string line = text;
    if (opacity < 1.0) {
      std::snprintf(text, sizeof text, ";%s-opacity:%g", what, opacity);
      line += text;
    }
    if (use == Use::kHalo) line += ";paint-order:stroke;stroke-width:3px;stroke-linejoin:round";
    return line + "}\n";
  }

  std::string class_of(Use use, const Ink& ink) {
    const auto [at, added] = classes_.try_emplace({use, ink}, "");
    if (added) at->second = "c" + std::to_string(classes_.size());
    return at->second;
  }
  std::string fill_class(const Ink& ink) { return class_of(Use::kFill, ink); }

  [[nodiscard]] std::string number(double value) const {
    char text[40];
    std::snprintf(text, sizeof text, "%.*f", decimals_, std::isfinite(value) ? value : 0.0);
    std::string digits = text;
    if (digits.find('.') != std::string::npos) {
      while (digits.back() == '0') digits.pop_back();
      if (digits.back() == '.') digits.pop_back();
    }
    return digits == "-0" ? "0" : digits;
  }
  [[nodiscard]] std::string pair(DrawnPoint p) const { return number(p.x) + " " + number(p.y); }

  void close(const char* element, const std::string& hover) {
    out_ += hover.empty() ? "/>\n" : "><title>" + xml_text(hover) + "</title></" + element + ">\n";
  }

  /// The attribute class: what it stands for, and how it looks.
  [[nodiscard]] std::string classes(const std::string& role, const std::string& looks) const {
    const std::string all = xml_text(role) + (role.empty() || looks.empty() ? "" : " ") + looks;
    return all.empty() ? "" : " class=\"" + all + "\"";
  }

  void add(const DrawnItem& item) {
    std::visit([this](const auto& drawn) { add(drawn); }, item);
  }

  void add(const DrawnPath& path) {
    std::string looks = path.fill ? fill_class(*path.fill) : "b";
    if (path.stroke) looks += " " + class_of(Use::kStroke, path.stroke->ink);
    out_ += "<path" + classes(path.role, looks);
    if (path.fill) out_ += " fill-rule=\"evenodd\"";
    if (path.stroke) {
      if (path.stroke->width != 1.0) out_ += " stroke-width=\"" + number(path.stroke->width) + "\"";
      if (path.stroke->dash == Dash::kShort) out_ += " stroke-dasharray=\"2 4\"";
      if (path.stroke->dash == Dash::kLong) out_ += " stroke-dasharray=\"7 5\"";
    }
    out_ += " d=\"";
    for (const DrawnLine& line : path.lines) {
      const char* before = "M";
      for (const DrawnPoint p : line) {
        out_ += before + pair(p);
        before = "L";
      }
      if (path.closed && !line.empty()) out_ += "Z";
    }
    out_ += "\"";
    close("path", path.hover);
  }

  // Marks, and words in a window, stand in a frame of their own that zooming leaves as large as it is.
  void add(const DrawnMark& mark) {
    out_ += std::string{"<g"} + (in_window_ ? " class=\"pin\"" : "") + " transform=\"translate(" +
            pair(mark.at) + ")\">";
    add(mark_path(mark, {}));
    out_ += "</g>\n";
  }

  void add(const DrawnWords& words) {
    if (in_window_) out_ += "<g class=\"pin\" transform=\"translate(" + pair(words.at) + ")\">";
    std::string looks = fill_class(words.ink);
    if (words.halo) looks += " " + class_of(Use::kHalo, *words.halo);
    out_ += "<text" + classes(words.role, looks);
    if (!in_window_) out_ += " x=\"" + number(words.at.x) + "\" y=\"" + number(words.at.y) + "\"";
    if (words.align == DrawnWords::Align::kMiddle) out_ += " text-anchor=\"middle\"";
    if (words.align == DrawnWords::Align::kEnd) out_ += " text-anchor=\"end\"";
    out_ += " font-size=\"" + number(words.size) + "\"";
    if (words.upright) out_ += " transform=\"rotate(-90 " + pair(words.at) + ")\"";
    out_ += ">";
    if (!words.hover.empty()) out_ += "<title>" + xml_text(words.hover) + "</title>";
    out_ += xml_text(words.words) + "</text>\n";
    if (in_window_) out_ += "</g>\n";
  }

  void add_window(const DrawnWindow& window) {
    const std::string box =
        number(window.x) + " " + number(window.y) + " " + number(window.width) + " " + number(window.height);
    out_ += "<svg class=\"map\" x=\"" + number(window.x) + "\" y=\"" + number(window.y) + "\" width=\"" +
            number(window.width) + "\" height=\"" + number(window.height) + "\" viewBox=\"" + box +
            "\" overflow=\"hidden\">\n";
    in_window_ = true;
    for (const DrawnItem& item : window.items) add(item);
    in_window_ = false;
    out_ += "</svg>\n";
    if (!window.scale) return;
    const ScaleBar& bar = *window.scale;
    char km[40];
    std::snprintf(km, sizeof km, "%.9g", bar.km_per_pixel);
    out_ += "<g class=\"scalebar\" data-x=\"" + number(bar.at.x) + "\" data-y=\"" + number(bar.at.y) +
            "\" data-longest=\"" + number(bar.longest) + "\" data-km=\"" + km + "\">\n";
    for (const DrawnItem& item : scale_bar_items(bar)) add(item);
    out_ += "</g>\n";
  }

  int decimals_;
  std::string out_;
  std::map<std::pair<Use, Ink>, std::string> classes_;
  bool in_window_ = false;
};

}  // namespace

std::string xml_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view before = text;
    const auto point = take_code_point(text);
    const std::string_view bytes = before.substr(0, before.size() - text.size());
    if (!point || acts_on_display(*point) ||
        (*point & 0xfffeU) == 0xfffeU) {  // the last: no characters at all
      out += '?';
    } else if (*point == U'<') {
      out += "&lt;";
    } else if (*point == U'>') {
      out += "&gt;";
    } else if (*point == U'&') {
      out += "&amp;";
    } else if (*point == U'"') {
      out += "&quot;";
    } else if (*point == U'\'') {
      out += "&#39;";
    } else {
      out += bytes;
    }
  }
  return out;
}

SvgParts svg_parts(const Drawing& drawing, int decimals) {
  SvgWriter writer{decimals};
  std::string picture = writer.document(drawing);
  return {writer.style(), std::move(picture)};
}

std::string svg_of(const Drawing& drawing) {
  auto [style, picture] = svg_parts(drawing);
  const std::size_t head = picture.find(">\n") + 2;
  return picture.insert(head, "<style>" + style + "</style>\n");
}

}  // namespace chiploc
