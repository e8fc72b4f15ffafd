#include "server/sim/fit/fit_output.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "server/text/records.hpp"

namespace chiploc {
namespace {

std::string fixed(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}
std::string percent(double part) { return fixed(100.0 * part, 1); }
double rounded(double value, double step) { return std::floor(value / step + 0.5) * step; }

std::string share_name(double share) { return fixed(100.0 * share, 0) + " %"; }

template <class Largest>
std::size_t splits_within(std::span<const HoldOut> splits, Largest largest) {
  return static_cast<std::size_t>(std::count_if(splits.begin(), splits.end(), [&](const HoldOut& split) {
    return largest(split.ratio) <= kHeldWithin;
  }));
}

Json json_of(const HeldQuantiles& held) {
  Json out{{"name", held.name},
           {"pairs", held.pairs},
           {"largest_error_pct", rounded(100.0 * held.largest(), 0.01)}};
  out["quantiles"] = Json::array();
  for (std::size_t s = 0; s < kHeldShares.size(); ++s) {
    out["quantiles"].push_back({{"share", kHeldShares[s]},
                                {"measured", rounded(held.measured[s], 1e-4)},
                                {"simulated", rounded(held.simulated[s], 1e-4)},
                                {"error_pct", rounded(100.0 * held.error(s), 0.01)},
                                {"fitted_half_error_pct", rounded(100.0 * held.half_error(s), 0.01)}});
  }
  return out;
}

}  // namespace

double median_error(std::span<const HoldOut> splits, std::size_t share) {
  std::vector<double> errors;
  for (const HoldOut& split : splits) errors.push_back(std::abs(split.ratio.error(share)));
  std::sort(errors.begin(), errors.end());
  return sorted_quantile(errors, 0.5);
}

void write_fit(std::ostream& out, bool json, const std::string& set, const PathFitInput& input,
               const PathFitResult& fit) {
  if (json) {
    Json object{{"set", set}, {"ends", input.ends.size()}, {"pairs", input.pairs.size()}};
    object["figures"] = Json::array();
    for (const FitFigure& figure : fit.figures) {
      object["figures"].push_back(
          {{"name", figure.name},
           {"value", rounded(figure.value, 1e-6)},
           {"standard_error", figure.error < 0.0 ? Json{} : Json(rounded(figure.error, 1e-6))}});
    }
    object["kept"] = fit.kept;
    write_json(out, OutputFormat::kJson, object);
    return;
  }
  out << set << ": " << input.ends.size() << " ends, " << input.pairs.size() << " pairs\n";
  std::vector<std::vector<Cell>> rows;
  for (const FitFigure& figure : fit.figures)
    rows.push_back(
        {{figure.name}, {fixed(figure.value, 4)}, {figure.error < 0.0 ? "" : fixed(figure.error, 4)}});
  write_table(out, {{"", "FIGURE", ""}, {"", "VALUE", "", true}, {"", "STANDARD ERROR", "", true}}, rows,
              false);
  out << "not told by this folder, and left as they are:";
  for (const std::string& kept : fit.kept) out << ' ' << kept;
  out << '\n';
}

void write_hold_out(std::ostream& out, bool json, const std::string& set, std::uint64_t seed,
                    std::span<const HoldOut> splits) {
  const HeldQuantiles& ratio = splits.front().ratio;
  const std::size_t within = splits_within(splits, [](const HeldQuantiles& it) { return it.largest(); });
  const std::size_t halves = splits_within(splits, [](const HeldQuantiles& it) { return it.largest_half(); });
  if (json) {
    Json object{{"set", set}, {"seed", seed}, {"ratio", json_of(ratio)}};
    object["bands"] = Json::array();
    for (const HeldQuantiles& band : splits.front().bands) object["bands"].push_back(json_of(band));
    object["splits"] = {
        {"count", splits.size()}, {"within_10_pct", within}, {"fitted_half_within_10_pct", halves}};
    object["splits"]["median_error_pct"] = Json::array();
    for (std::size_t s = 0; s < kHeldShares.size(); ++s)
      object["splits"]["median_error_pct"].push_back(rounded(100.0 * median_error(splits, s), 0.01));
    write_json(out, OutputFormat::kJson, object);
    return;
  }
  out << set << ": round trip over light in fibre, " << ratio.pairs << " pairs held out (seed " << seed
      << ")\n";
  std::vector<std::vector<Cell>> rows;
  for (std::size_t s = 0; s < kHeldShares.size(); ++s) {
    rows.push_back({{share_name(kHeldShares[s])},
                    {fixed(ratio.measured[s], 3)},
                    {fixed(ratio.simulated[s], 3)},
                    {percent(ratio.error(s))},
                    {percent(ratio.half_error(s))},
                    {percent(median_error(splits, s))}});
  }
  write_table(out,
              {{"", "SHARE", "", true},
               {"", "MEASURED", "", true},
               {"", "SIMULATED", "", true},
               {"", "ERROR %", "", true},
               {"", "OTHER HALF %", "", true},
               {"", "MEDIAN ERROR %", "", true}},
              rows, false);
  out << "largest error " << percent(ratio.largest()) << " %; of the other half as it is "
      << percent(ratio.largest_half()) << " %\n";
  out << "of " << splits.size() << " splits, all errors within 10 %: " << within
      << "; of the other half as it is: " << halves << "\n\n";
  rows.clear();
  for (const HeldQuantiles& band : splits.front().bands) {
    std::vector<Cell> row{{band.name}, {std::to_string(band.pairs)}};
    for (const std::size_t s : {1U, 3U, 5U}) {  // 10, 50, 90 %
      row.push_back({fixed(band.measured[s], 3)});
      row.push_back({percent(band.error(s))});
    }
    rows.push_back(std::move(row));
  }
  write_table(out,
              {{"", "DISTANCE", ""},
               {"", "PAIRS", "", true},
               {"", "10 %", "", true},
               {"", "ERROR %", "", true},
               {"", "50 %", "", true},
               {"", "ERROR %", "", true},
               {"", "90 %", "", true},
               {"", "ERROR %", "", true}},
              rows, false);
}

}  // namespace chiploc
