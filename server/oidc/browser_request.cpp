#include "server/oidc/browser_request.hpp"

namespace chiploc {

std::optional<std::string_view> cookie_of(const HttpRequest& request, std::string_view name) {
  auto field = request.field("cookie");
  if (!field) return std::nullopt;
  std::optional<std::string_view> found;
  while (!field->empty()) {
    const std::size_t end = std::min(field->find(';'), field->size());
    std::string_view one = field->substr(0, end);
    field->remove_prefix(std::min(end + 1, field->size()));
    one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos || one.substr(0, equals) != name) continue;
    if (found) return std::nullopt;
    found = one.substr(equals + 1);
  }
  return found;
}

bool only_asks(const HttpRequest& request) { return request.method == "GET" || request.method == "HEAD"; }

bool is_of_our_page(const HttpRequest& request, std::string_view origin) {
  const auto several = [&](std::string_view name) {
    std::size_t count = 0;
    for (const auto& [key, value] : request.fields) count += key == name ? 1U : 0U;
    return count > 1;
  };
  if (several("sec-fetch-site") || several("origin")) return false;
  const auto site = request.field("sec-fetch-site");
  const auto said = request.field("origin");
  if (said && *said != origin) return false;
  if (only_asks(request)) return !site || *site == "same-origin" || *site == "none";
  if (site && *site != "same-origin") return false;
  return site || said;
}

std::string set_cookie(std::string_view name, std::string_view value, std::string_view same_site,
                       std::optional<long> max_age_s) {
  std::string out{name};
  out.append("=").append(value).append("; Path=/; Secure; HttpOnly; SameSite=").append(same_site);
  if (max_age_s) out += "; Max-Age=" + std::to_string(*max_age_s);
  return out;
}

std::optional<std::string> query_of(const HttpRequest& request, std::string_view key) {
  std::optional<std::string> found;
  for (const auto& [name, value] : request.query) {
    if (name != key) continue;
    if (found) return std::nullopt;
    found = value;
  }
  return found;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    const auto byte = static_cast<unsigned char>(c);
    if (plain)
      out += c;
    else
      out.append(1, '%').append(1, kHex[byte >> 4U]).append(1, kHex[byte & 15U]);
  }
  return out;
}

}  // namespace chiploc
