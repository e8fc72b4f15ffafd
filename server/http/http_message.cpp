#include "server/http/http_message.hpp"

namespace chiploc {

std::optional<std::string_view> HttpRequest::field(std::string_view name) const {
  std::optional<std::string_view> found;
  for (const auto& [key, value] : fields) {
    if (key != name) continue;
    if (found) return std::nullopt;
    found = value;
  }
  return found;
}

}  // namespace chiploc
