#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "server/picture/drawing.hpp"

namespace chiploc {

/// What stands beside a verdict's map. Texts come from a coordinator and may hold anything.
struct VerdictFacts {
  std::string state;  ///< "VERIFIED"
  bool expired = false;
  std::string chip_id;
  std::string serial;
  std::string maker_and_model;
  std::string licence;
  std::string licence_holder;
  std::string verdict_id;
  std::string decided_at;
  std::string expires_at;
  std::string reason;                   ///< one sentence
  std::vector<std::string> licensed;    ///< codes of countries, and names of areas
  std::vector<std::string> prohibited;  ///< likewise
  std::vector<std::string> not_drawn;   ///< areas among these whose drawing of then is not to be had
  std::string judged_with;              ///< versions
};

/// How finely the world is drawn, and how far beyond the frame.
struct PictureDetail {
  double pixels = 0.4;  ///< what is smaller or nearer is left out
  double around = 1.05;
};
/// For what one zooms into and moves.
inline constexpr PictureDetail kDetailForZoom{0.2, 1.6};

/// A verdict's map, with its title, legend and anchors.
///
/// Takes     `map`: the FeatureCollection of `verdict map` (server/cli/verdict_map.hpp): roles region, disk,
///           anchor, estimate, posterior, territory (features.hpp); and whatever has a property "holder", in a
///           colour for each holder. What it does not know is left out.
/// Draws     The region, which is proved, filled; the estimate and the posterior dashed, and said to be suggested.
[[nodiscard]] Drawing draw_verdict(const nlohmann::ordered_json& map, const VerdictFacts& facts,
                                   const PictureDetail& detail = {});

}  // namespace chiploc
