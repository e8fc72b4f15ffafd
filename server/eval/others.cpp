#include "server/eval/others.hpp"

#include <charconv>

#include "server/registry/fields.hpp"

namespace chiploc {
namespace {

constexpr std::array<std::pair<std::string_view, OthersFormat>, 5> kFormats{
    {{"matrix", OthersFormat::kMatrix},
     {"table", OthersFormat::kTable},
     {"ping", OthersFormat::kPing},
     {"fping", OthersFormat::kFping},
     {"atlas", OthersFormat::kAtlas}}};

}  // namespace

std::string_view name_of(OthersFormat format) {
  for (const auto& [name, known] : kFormats) {
    if (known == format) return name;
  }
  return {};
}

std::optional<OthersFormat> format_named(std::string_view name) {
  for (const auto& [known, format] : kFormats) {
    if (known == name) return format;
  }
  return std::nullopt;
}

std::string exact_number(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

bool is_missing(std::string_view cell) { return cell.empty() || cell == "-" || cell == "NA"; }

bool RowTaker::is_name(std::uint32_t line, std::string_view field, std::string_view text) {
  const auto name = parse_text(text);
  if (!name) fault(line, field, name.error());
  return name.has_value();
}

std::optional<double> RowTaker::round_trip(std::uint32_t line, std::string_view field,
                                           std::string_view text) {
  auto ms = parse_number(text, 0.0, kRttMaxMs);
  if (ms) return *ms;
  fault(line, field, ms.error() + "; write milliseconds, or - if nothing came back");
  return std::nullopt;
}

void RowTaker::add(std::uint32_t line, std::string_view source, std::string_view target,
                   std::string_view address, double ms) {
  if (!is_name(line, "source", source) || !is_name(line, "target", target)) return;
  if (source == target) return self();
  if (full_) return;
  if (rows_.rows.size() >= limits_.rows) {
    fault(line, "", "more than " + std::to_string(limits_.rows) + " rows; leave some nodes out");
    full_ = true;
    return;
  }
  rows_.rows.push_back({number_, line, std::string{source}, std::string{target}, std::string{address}, ms});
}

void RowTaker::cut_by_fping(std::uint32_t line, std::string_view target, double ms) {
  if (!rows_.cut_by_fping) rows_.cut_by_fping = MeasuredRow{number_, line, {}, std::string{target}, {}, ms};
}

LineReader::LineReader(std::string_view text) : rest_{text} {
  if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
}

bool LineReader::next(std::string_view& line) {
  if (rest_.empty()) return false;
  ++number_;
  const std::size_t end = rest_.find_first_of("\r\n");
  line = rest_.substr(0, end);
  if (end == std::string_view::npos) {
    rest_ = {};
  } else {
    rest_.remove_prefix(end + (rest_.substr(end).starts_with("\r\n") ? 2 : 1));
  }
  return true;
}

}  // namespace chiploc
