#pragma once
// A claim about a chip that stands at a known place: is anything proved of it that is not so?

#include <optional>
#include <string>

#include "geo/lat_lon.hpp"
#include "server/eval/dice.hpp"
#include "server/verifier/territory_judgement.hpp"

namespace chiploc {

enum class Truth : std::uint8_t { kNo, kPerhaps, kYes };

struct SimulatedClaim {
  Claim claim;
  Truth licensed =
      Truth::kNo;  ///< whether the truth stands in what is licensed; perhaps: the words leave it open
  Truth prohibited = Truth::kNo;  ///< in what is prohibited and not licensed
  std::string what;               ///< of what kind, for whoever repeats it
};

/// A place on land, and the code of the country that it is in: a city of every code in turn, each code as
/// likely as any other, and research stations and the like of those that have no city.
struct KnownPlace {
  LatLon place;
  CountryCode country;
};
[[nodiscard]] KnownPlace draw_place(Dice& dice);

/// Licensed, prohibited or both: the place's own code, others, and codes of which one stands for the other on
/// many maps. The truth is what the city table says of the place, not what any polygon does.
[[nodiscard]] SimulatedClaim draw_country_claim(Dice& dice, const KnownPlace& place);

/// An area of several parts, licensed or prohibited, drawn so that the truth is inside or outside whatever
/// reads it: parts that overlap over the truth, lie in each other, share a border beside it, fill a hole, or
/// leave it in one. Nothing when the place is so near a pole or the antimeridian that the drawing would go
/// over it, or if the area is refused: see `refused`.
[[nodiscard]] std::optional<SimulatedClaim> draw_area_claim(Dice& dice, LatLon truth,
                                                            bool* refused = nullptr);

/// What the production judgement of the region says of the claim, if that is not so.
[[nodiscard]] std::optional<std::string> find_false_proof(const SimulatedClaim& simulated,
                                                          VerdictState state);

}  // namespace chiploc
