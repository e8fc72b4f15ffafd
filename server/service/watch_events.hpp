#pragma once
#include <compare>
#include <optional>
#include <string>

#include "proto/v1/operator_service.pb.h"
#include "server/registry/registry.hpp"
#include "server/service/caller.hpp"
#include "server/storage/event_store.hpp"

namespace chiploc {

/// What watchers have in common who are told the same of everything.
struct WatchClass {
  bool sees_all = false;                ///< of each event; else what is open in it
  std::optional<std::string> holder{};  ///< of whose chips, licences and cases alone; nullopt: everybody's
  bool verdicts = true, statuses = true, cases = true;
  friend auto operator<=>(const WatchClass&, const WatchClass&) = default;
};

/// Which events a request asks for, and how this caller sees them. kBadField: a number that is no kind.
[[nodiscard]] Answer<WatchClass> watch_class_of(const v1::WatchRequest& request, const Caller& caller);

/// Ids are the numbers of events, in decimal.
[[nodiscard]] std::string event_id(std::uint64_t number);
/// kBadField: it is none.
[[nodiscard]] Answer<std::uint64_t> read_event_id(const std::string& id);

/// An event as this class is told of it, but not redacted yet; nullopt: it is not theirs, not of a kind that they asked for, or
/// about a chip that is not registered any more. Whose it is, is what the lists go by: the holder of the chip's, or the case's,
/// licence now. kDamaged if a stored verdict is no message.
[[nodiscard]] Answer<std::optional<v1::WatchEvent>> told_event(const StoredEvent& event,
                                                               const WatchClass& viewer,
                                                               const Registry& registry);

}  // namespace chiploc
