#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "server/rest/route.hpp"

namespace chiploc {

/// Which JSON a view gives, found by looking at what it makes of samples (answer_samples.hpp). So no document can say
/// anything else than the view does.
struct AnswerShape {
  bool null = false, truth = false, whole = false, number = false, text = false, array = false,
       object = false;
  /// Of objects with keys of the view's own, in the order in which they came first.
  std::vector<std::string> keys{};
  std::map<std::string, AnswerShape> values{};
  std::map<std::string, std::uint64_t> present{};  ///< in how many objects a key stood
  std::uint64_t objects = 0;
  /// Of objects whose keys are data, as counters are: what stands under each. Null: it is none.
  std::unique_ptr<AnswerShape> any_value{};
  std::unique_ptr<AnswerShape> elements{};  ///< of arrays; null: no element was ever seen
  // Of texts.
  bool free_text = false;  ///< some came from data
  bool only_times = true, only_hex = true;
  std::set<std::string> words{};  ///< the others

  void add(const nlohmann::ordered_json& value);
  /// In every object that was seen.
  [[nodiscard]] bool always(const std::string& key) const;
};

/// Of a route's answer; its request is a sample too, with everything asked for and without.
[[nodiscard]] AnswerShape shape_of(const ReadRoute& route);

/// As JSON Schema 2020-12, which OpenAPI 3.1 has. New keys may join, so other keys are not ruled out.
[[nodiscard]] nlohmann::ordered_json schema_of(const AnswerShape& shape);

}  // namespace chiploc
