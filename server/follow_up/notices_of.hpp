#pragma once
// What other systems are told of a chip, an order or a case: facts of a fixed form. What a person wrote, who it was,
// sites and the watch list stay here.

#include <optional>
#include <string>

#include "server/cases/case_story.hpp"
#include "server/notices/notice.hpp"
#include "server/orders/order_story.hpp"

namespace chiploc {

/// "C-17".
[[nodiscard]] std::string case_name(std::uint64_t number);

/// `number`: of the change in the chip's own history.
[[nodiscard]] Notice notice_of(const ChipId& chip, const StatusChange& change, std::uint64_t number);
/// nullopt for what nobody is told of.
[[nodiscard]] std::optional<Notice> notice_of(const std::string& name, const CaseStory& story,
                                              const CaseEntry& entry);

/// What the registry and the store know of an order that is told of.
struct OrderTold {
  std::string order, licence;
  std::uint64_t to_come = 0;  ///< chips that are still to be delivered
  std::string because_of;     ///< a case of its chips; empty: none is open
  WallTime held;              ///< since when it had been
};
[[nodiscard]] std::optional<Notice> notice_of(const OrderTold& told, const OrderStory& story,
                                              const OrderChange& change, std::uint64_t number,
                                              const OrderRules& rules);

}  // namespace chiploc
