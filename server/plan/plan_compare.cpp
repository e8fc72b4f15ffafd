#include "server/plan/plan_compare.hpp"

#include <algorithm>
#include <numeric>

#include "server/eval/dice.hpp"
#include "server/registry/fields.hpp"

namespace chiploc {
namespace {

constexpr double kDrawsMost = 1'000.0;
constexpr std::string_view kRandom = "random-";

}  // namespace

Result<std::vector<OtherChoice>, std::string> other_choices(const std::vector<std::string>& words,
                                                            const std::vector<PlanPlace>& places,
                                                            std::size_t standing, std::size_t add,
                                                            std::uint64_t seed) {
  std::vector<std::size_t> candidates(places.size() - standing);
  std::iota(candidates.begin(), candidates.end(), standing);
  const std::size_t count = std::min(add, candidates.size());
  std::vector<OtherChoice> out;
  for (const std::string& word : words) {
    if (word == "population") {
      std::vector<std::size_t> order = candidates;
      std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return places[a].people != places[b].people ? places[a].people > places[b].people
                                                    : places[a].name < places[b].name;
      });
      order.resize(count);
      out.push_back({word, std::move(order)});
      continue;
    }
    const auto draws = word.starts_with(kRandom)
                           ? parse_number(std::string_view{word}.substr(kRandom.size()), 1.0, kDrawsMost)
                           : Field<double>{Fail{std::string{}}};
    if (!draws || *draws != static_cast<double>(static_cast<unsigned>(*draws)))
      return Fail{"--compare " + word + ": use population, or random-K for K draws (1 to 1000)"};
    for (unsigned draw = 1; draw <= static_cast<unsigned>(*draws); ++draw) {
      std::vector<std::size_t> order = candidates;
      Dice dice{seed * 1'000'003 + draw};
      for (std::size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[dice.below(static_cast<unsigned>(i))]);
      order.resize(count);
      out.push_back({"random " + std::to_string(draw), std::move(order)});
    }
  }
  return out;
}

std::vector<ComparedChoice> score_choices(const PlanProblem& truth, const std::vector<OtherChoice>& choices,
                                          const Borders& borders, const ForEach& for_each) {
  std::vector<ComparedChoice> out;
  for (const OtherChoice& choice : choices) {
    std::vector<std::size_t> anchors = truth.standing_anchors();
    anchors.insert(anchors.end(), choice.anchors.begin(), choice.anchors.end());
    out.push_back({choice.name, choice.anchors.size(), count_proved(truth, anchors, borders, for_each)});
  }
  return out;
}

}  // namespace chiploc
