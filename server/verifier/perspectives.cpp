#include <algorithm>
#include <map>
#include <numeric>

#include "server/verifier/evidence.hpp"

namespace chiploc {

std::vector<std::uint32_t> number_perspectives(const std::vector<const AnchorFacts*>& anchors) {
  std::vector<Affiliation> out;
  out.reserve(anchors.size());
  for (const AnchorFacts* anchor : anchors) out.push_back({anchor->operator_name, anchor->network});
  return number_perspectives(out);
}

std::vector<std::uint32_t> number_perspectives(const std::vector<Affiliation>& anchors) {
  std::vector<std::uint32_t> group(anchors.size());
  std::iota(group.begin(), group.end(), 0U);
  const auto join = [&](std::uint32_t a, std::uint32_t b) {
    const std::uint32_t low = std::min(a, b);
    const std::uint32_t high = std::max(a, b);
    std::replace(group.begin(), group.end(), high, low);
  };
  std::map<std::string_view, std::size_t> operators;
  std::map<std::string_view, std::size_t> networks;
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    for (auto [names, name] :
         {std::pair{&operators, anchors[i].operator_name}, {&networks, anchors[i].network}}) {
      if (name.empty()) continue;
      const auto [known, is_new] = names->emplace(name, i);
      if (!is_new) join(group[known->second], group[i]);
    }
  }
  // The group numbers are now those of their first members; close the gaps.
  std::map<std::uint32_t, std::uint32_t> dense;
  for (std::uint32_t& g : group) g = dense.emplace(g, static_cast<std::uint32_t>(dense.size())).first->second;
  return group;
}

}  // namespace chiploc
