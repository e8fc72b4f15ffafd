#pragma once
// What would turn an open finding into an answer, or at least make its region smaller. It is told beside the
// finding; no state follows from it.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "geo/estimate/delay_model.hpp"
#include "geo/estimate/fit.hpp"
#include "server/verifier/proof_certificate.hpp"

namespace chiploc {

/// An anchor that exists and had no part in the round.
struct SpareAnchor {
  std::string name;
  LatLon place;
  Kilometers uncertainty{0.0};
  /// Those of one operator or network share a number. None of them shares either with an anchor that
  /// measured, unless the fault budget is 0: it would be no perspective of its own.
  std::uint32_t perspective = 0;
};

/// What a proof left open, and what is known beside it. Refers to all of it; copies nothing.
struct OpenQuestion {
  const std::vector<ProvedBound>& bounds;
  const Region& region;  ///< of `bounds` under `fault_budget`
  unsigned fault_budget = 0;
  const TerritoryJudge& judge;
  const Borders& borders;
  KmPerSecond speed = kLightInVacuum;
  const DelayModel& line;
  std::optional<LatLon> guess;  ///< where delays suggest that the chip is
  std::span<const SpareAnchor> spare;
  /// An accusation holds under a smaller budget, so that only one under this settles it: no more round trips bring
  /// licensed land back that the smaller region does not meet.
  bool accused = false;
};

/// So many independent anchors, each with a round trip below a limit: then no place of the region is left in
/// some territories.
struct Resolution {
  enum class Kind {
    kBetterPath,      ///< anchors that took part and stand right; the path to them is what is long
    kExistingAnchor,  ///< anchors that had no part
    kNewAnchor        ///< near a city; none of the anchors stands there
  };
  struct By {
    std::string anchor;  ///< its name; empty: none stands there yet
    LatLon place;
    std::optional<CountryCode> country{};
    /// Excludes what is to be excluded; nullopt: nothing that a chip could reach does, the region gets
    /// smaller.
    std::optional<Nanoseconds> below{};
    Nanoseconds usual{0};              ///< what such a path usually takes
    std::optional<Nanoseconds> has{};  ///< of an anchor that took part
  };

  Kind kind = Kind::kNewAnchor;
  unsigned anchors = 1;     ///< how many independent ones it takes; `by` may be fewer
  bool settles = false;     ///< at the usual round trips of `anchors` of them
  bool if_licensed = true;  ///< for a chip where it is licensed; else for one where delays suggest that it is
  std::vector<std::string> excludes{};   ///< prohibited territories, or (not if_licensed) the licensed ones
  std::optional<CountryCode> chip_in{};  ///< the country that the usual round trips are counted from
  std::vector<By> by{};                  ///< at least one
};

/// "better_path", "existing_anchor", "new_anchor".
[[nodiscard]] std::string_view name_of(Resolution::Kind kind);

inline constexpr std::size_t kResolutionsMax = 5;

/// Where the delays of these bounds suggest that the chip is; nullopt with fewer than three.
[[nodiscard]] std::optional<FitReport> fit_bounds(const std::vector<ProvedBound>& bounds,
                                                  const DelayModel& line);

/// The cheapest first, kResolutionsMax at most: better paths to the anchors at hand, then anchors that exist,
/// then new ones. Empty where prohibited land (of an accused chip: licensed land) does not keep the finding open, or
/// nothing of the kind helps.
///
/// Places    New anchors stand near cities that are not prohibited; existing ones where they are registered.
/// Round trips   Never below what light in fibre takes from the nearest place at which the chip may be: a
///           city of the licensed land that the region holds (a point of the area, for an area), or where
///           delays suggest that it is. What is usual follows from the line, and from what the paths to the
///           nearest anchors took beyond it: a chip behind a relay is asked for nothing that the relay makes
///           impossible.
/// Limits    Found by cutting the region with the disk of that round trip, within 1 %. With so many
///           independent anchors below theirs no place of the region is left in `excludes`.
/// Takes     Some hundred regions of the same bounds at most: milliseconds.
[[nodiscard]] std::vector<Resolution> find_resolutions(const OpenQuestion& open);

/// A sentence or two for each.
[[nodiscard]] std::string text_of(const Resolution& resolution);

}  // namespace chiploc
