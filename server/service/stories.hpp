#pragma once
// Where the stories of orders and cases are found. Whoever keeps them hands these in; an empty function: they are not
// kept, and whoever asks is told that, and not that there are none.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "server/cases/case_story.hpp"
#include "server/orders/order_story.hpp"
#include "server/storage/store_fault.hpp"

namespace chiploc {

struct FoundCase {
  std::uint64_t number = 0;  ///< as people name it
  CaseStory story{};
  std::vector<CaseEntry> timeline{};  ///< in order; of case_of alone
  std::vector<ChipId> chips{};        ///< that stand in it, sorted; of case_of alone
};
struct FoundOrder {
  std::string order;
  OrderStory story;
};

struct StorySources {
  std::function<Stored<std::optional<FoundCase>>(std::uint64_t number)> case_of{};
  std::function<Stored<std::vector<FoundCase>>()> open_cases{};  ///< and disputed ones
  std::function<Stored<std::optional<OrderStory>>(const std::string& order)> order_of{};
  std::function<Stored<std::vector<FoundOrder>>()> held_orders{};
  std::function<OrderRules()> order_rules = [] { return OrderRules{}; };  ///< in force
};

}  // namespace chiploc
