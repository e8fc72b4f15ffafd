#pragma once
#include <optional>
#include <string>

#include "server/service/fault.hpp"
#include "server/status/said_text.hpp"

namespace chiploc {

/// Why what a person says cannot be kept: nullopt if it can.
[[nodiscard]] inline std::optional<ApiFault> said_wrongly(const char* field, const std::string& text,
                                                          std::size_t most) {
  const std::string why = said_fault(field, text, most);
  if (why.empty()) return std::nullopt;
  return ApiFault{ApiFaultCode::kBadField, std::string{field} + ": " + why + "; it stays on record"};
}

}  // namespace chiploc
