#include "server/cli/holders_text.hpp"

#include "proto/base/joined.hpp"
#include "server/cli/verdict_text.hpp"
#include "server/service/json_view.hpp"

namespace chiploc {
namespace {

std::string ms_text(std::int64_t ns) { return number_text(static_cast<double>(ns) / 1e6, 3); }

std::string place_of(const v1::KeyHolder& holder) {
  if (!holder.has_region_centre()) {
    return holder.anchors().empty() ? "no round trip counts for it: nothing is known of its place"
                                    : "its round trips exclude no place, or contradict each other";
  }
  std::string text =
      "within " + number_text(holder.region_radius_km(), 1) + " km of " + place_text(holder.region_centre());
  if (!holder.countries().empty()) text += ", in " + joined(holder.countries(), " or ", printable);
  return text;
}

void write_round_trips(std::ostream& out, const v1::KeyHolder& holder, bool colour) {
  const std::vector<Column> columns{{"", "ANCHOR", ""},
                                    {"", "RTT MIN MS", "", true},
                                    {"", "BOUND KM", "", true},
                                    {"", "SAMPLES", "", true}};
  std::vector<std::vector<Cell>> rows;
  for (const auto& anchor : holder.anchors()) {
    rows.push_back({{printable(anchor.anchor())},
                    {ms_text(anchor.rtt_min_ns())},
                    {number_text(anchor.bound_km(), 1)},
                    {std::to_string(anchor.samples())}});
  }
  write_table(out, columns, rows, colour, 4);
}

}  // namespace

void write_holders(std::ostream& out, const v1::Verdict& verdict, bool colour) {
  if (verdict.holders().empty()) return;
  out << '\n' << paint("Two holders of the key", Colour::kBold, colour) << '\n';
  int number = 0;
  for (const v1::KeyHolder& holder : verdict.holders()) {
    const bool here = holder.round_id() == verdict.round_id();
    out << "  holder " << ++number << "  " << place_of(holder) << '\n';
    if (here) {
      out << "    answered this round";
      if (holder.round_counter() > 0)
        out << "; its statement has boot count " << holder.boot_count() << ", round counter "
            << holder.round_counter();
      out << '\n';
    } else {
      out << "    answered round " << hex_of(holder.round_id()) << ", " << short_time(holder.from_unix_ns())
          << " to " << short_time(holder.to_unix_ns()) << "; its round trips stand in the verdict of then\n";
    }
    if (!holder.anchors().empty()) write_round_trips(out, holder, colour);
  }
}

}  // namespace chiploc
