#include "server/eval/cases.hpp"

#include <algorithm>
#include <cmath>

#include "geo/geodesic.hpp"
#include "proto/base/joined.hpp"

namespace chiploc {
namespace {

bool measured(const RttSet& set, const std::vector<std::size_t>& anchors, std::size_t target) {
  return std::any_of(anchors.begin(), anchors.end(),
                     [&](std::size_t anchor) { return !std::isnan(set.rtt_ms(anchor, target)); });
}

class RowBuilder {
 public:
  explicit RowBuilder(const RttSet& set) : set_{set}, serving_{serving_nodes(set)} {
    for (const std::size_t node : serving_) {
      if (is_anchor(node)) shared_.anchors.push_back(node);
    }
    for (const std::size_t node : serving_) {
      if (set.nodes[node].role == NodeRole::kTarget && is_target(node) &&
          measured(set, shared_.anchors, node))
        shared_.targets.push_back(node);
    }
  }

  CaseRow with_draws_of(const std::string& label) const {
    CaseRow row{label, {}, {}};
    for (const AnchorDraw& draw : set_.draws) {
      if (draw.label != label) continue;
      CaseGroup group{draw.draw, {}, {}};
      for (const std::size_t anchor : draw.anchors) {
        if (std::binary_search(serving_.begin(), serving_.end(), anchor) && is_anchor(anchor))
          group.anchors.push_back(anchor);
      }
      for (const std::size_t node : serving_) {
        const bool anchor =
            std::find(group.anchors.begin(), group.anchors.end(), node) != group.anchors.end();
        if (!anchor && is_target(node) && measured(set_, group.anchors, node)) group.targets.push_back(node);
      }
      row.groups.push_back(std::move(group));
    }
    return row;
  }

  CaseRow with_all_beyond(const std::string& label, double least_km) const {
    CaseRow row{label, {}, {}};
    if (least_km == 0.0) row.pool = shared_.anchors;
    for (const std::size_t target : serving_) {
      if (!is_target(target)) continue;
      if (least_km == 0.0 && shared_.targets.size() > 1 && set_.nodes[target].role == NodeRole::kTarget)
        continue;
      CaseGroup group{0, {}, {target}};
      for (const std::size_t node : serving_) {
        if (node == target || !is_anchor(node)) continue;
        const EvalNode& anchor = set_.nodes[node];
        const EvalNode& chip = set_.nodes[target];
        const bool near = least_km > 0.0 && geodesic_distance(anchor.place, chip.place).km() <
                                                least_km + anchor.uncertainty_km + chip.uncertainty_km;
        if (!near) group.anchors.push_back(node);
      }
      if (measured(set_, group.anchors, target)) row.groups.push_back(std::move(group));
    }
    if (least_km == 0.0 && shared_.targets.size() > 1) row.groups.push_back(shared_);
    return row;
  }

 private:
  [[nodiscard]] bool is_anchor(std::size_t node) const {
    const EvalNode& it = set_.nodes[node];
    return it.doubt == NodeDoubt::kNone && (it.role == NodeRole::kBoth || it.role == NodeRole::kAnchor);
  }
  [[nodiscard]] bool is_target(std::size_t node) const {
    const EvalNode& it = set_.nodes[node];
    return !it.faulty && it.doubt == NodeDoubt::kNone &&
           (it.role == NodeRole::kBoth || it.role == NodeRole::kTarget);
  }

  const RttSet& set_;
  std::vector<std::size_t> serving_;
  CaseGroup shared_;  // nodes that are targets only: all anchors measure them, and one calibration will do
};

}  // namespace

std::size_t CaseRow::cases() const {
  std::size_t count = 0;
  for (const CaseGroup& group : groups) count += group.targets.size();
  return count;
}

std::vector<std::size_t> serving_nodes(const RttSet& set) {
  const std::size_t n = set.nodes.size();
  std::vector<std::size_t> serving;
  for (std::size_t a = 0; a < n; ++a) {
    std::size_t partners = 0;
    for (std::size_t b = 0; b < n; ++b) {
      if (b != a && !(std::isnan(set.rtt_ms(a, b)) && std::isnan(set.rtt_ms(b, a)))) ++partners;
    }
    if (set.has_roles ? partners > 0 : 2 * partners >= n - 1) serving.push_back(a);
  }
  return serving;
}

std::vector<std::string> supported_rows(const RttSet& set) {
  std::vector<std::string> rows;
  for (const AnchorDraw& draw : set.draws) {
    if (std::find(rows.begin(), rows.end(), draw.label) == rows.end()) rows.push_back(draw.label);
  }
  rows.emplace_back("all");
  rows.emplace_back("all-100km");
  return rows;
}

Result<std::vector<CaseRow>, std::string> build_rows(const RttSet& set,
                                                     const std::vector<std::string>& labels) {
  const std::vector<std::string> known = supported_rows(set);
  const RowBuilder builder{set};
  std::vector<CaseRow> rows;
  for (const std::string& label : labels) {
    if (std::find(known.begin(), known.end(), label) == known.end()) {
      return Fail{"--anchors " + label + ": " + set.name +
                  " has no such anchors; use one of: " + joined(known, ", ")};
    }
    if (label == "all") {
      rows.push_back(builder.with_all_beyond(label, 0.0));
    } else if (label == "all-100km") {
      rows.push_back(builder.with_all_beyond(label, kFarAnchorKm));
    } else {
      rows.push_back(builder.with_draws_of(label));
    }
  }
  return rows;
}

}  // namespace chiploc
