#pragma once
#include <string>

#include "geo/geodesic.hpp"
#include "server/eval/rtt_folder.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {

/// Six nodes in the middle of Europe and one in Fiji. Near Berlin stands Potsdam, 27 km away.
inline const std::string kSmallNodes =
    "id,name,lat,lon,country_iso2\n"
    "b,Berlin,52.52,13.40,DE\n"
    "p,Potsdam,52.40,13.06,DE\n"
    "f,Paris,48.86,2.35,FR\n"
    "c,Bern,46.95,7.45,CH\n"
    "w,Vienna,48.21,16.37,AT\n"
    "m,Milan,45.46,9.19,IT\n"
    "s,Suva,-18.14,178.44,FJ\n";

inline RttSet parse(const RttFiles& files) {
  auto set = parse_rtt_files(files, "small", Borders::world());
  if (!set) FAIL(set.error().front());
  return std::move(set).value();
}

/// The round trips of a network in which every path takes as long as 1.5 times the geodesic does in fibre,
/// plus half a millisecond, in every direction; Fiji has one to Berlin only.
inline std::string small_rtt() {
  const RttSet places = parse({kSmallNodes, "src,dst,min_ms\n", {}, {}, {}});
  std::string text = "src,dst,min_ms,avg_ms\n";
  for (const EvalNode& a : places.nodes) {
    for (const EvalNode& b : places.nodes) {
      if (a.id == b.id) continue;
      const bool fiji = a.id == "s" || b.id == "s";
      if (fiji && a.id != "b" && b.id != "b") continue;
      const double ms = 0.5 + 1.5 * 2e3 * geodesic_distance(a.place, b.place).km() / kLightInFibre.km_s();
      text += a.id + "," + b.id + "," + std::to_string(ms) + ",99\n";
    }
  }
  return text;
}

inline RttFiles small_files() {
  return {kSmallNodes,
          small_rtt(),
          "label,draw,anchor_id\nthree,0,b\nthree,0,c\nthree,0,s\nthree,1,f\nthree,1,m\nthree,1,w\n",
          {},
          {}};
}
inline RttSet small_set() { return parse(small_files()); }

inline std::size_t number_of(const RttSet& set, const std::string& id) {
  for (std::size_t i = 0; i < set.nodes.size(); ++i) {
    if (set.nodes[i].id == id) return i;
  }
  FAIL("no node " << id);
  return 0;
}
/// Ids of numbered nodes, in their order, as one text.
inline std::string ids_of(const RttSet& set, const std::vector<std::size_t>& nodes) {
  std::string out;
  for (const std::size_t node : nodes) out += set.nodes[node].id;
  return out;
}

inline CountryCode code(const char* text) { return CountryCode::from_text(text).value(); }

}  // namespace chiploc::test
