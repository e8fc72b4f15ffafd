#include "server/rest/json_reply.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "proto/base/bytes.hpp"
#include "proto/crypto/digest.hpp"
#include "server/rest/text_parts.hpp"

namespace chiploc {
namespace {

/// Whether a list of tags ("a", W/"b") has this one, or is *. Compared weakly, as RFC 9110 says of If-None-Match.
bool has_tag(std::string_view list, std::string_view tag) {
  while (!list.empty()) {
    std::string_view one = trimmed(take_part(list, ','));
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == "*" || one == tag) return true;
  }
  return false;
}

}  // namespace

std::string entity_tag(std::string_view body) {
  constexpr std::size_t kDigits = 32;
  return '"' + sha256(bytes_of(body)).hex().substr(0, kDigits) + '"';
}

bool is_known(const HttpRequest& request, std::string_view tag) {
  return std::any_of(request.fields.begin(), request.fields.end(), [&](const auto& field) {
    return field.first == "if-none-match" && has_tag(field.second, tag);
  });
}

HttpReply json_reply(const HttpRequest& request, int status, const nlohmann::ordered_json& answer) {
  HttpReply reply;
  reply.status = status;
  reply.body = answer.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  reply.fields.emplace_back("content-type", "application/json");
  if (request.method != "GET") {
    reply.fields.emplace_back("cache-control", "no-store");
    return reply;
  }
  const std::string tag = entity_tag(reply.body);
  reply.fields.emplace_back("cache-control", "private, no-cache");
  reply.fields.emplace_back("etag", tag);
  if (is_known(request, tag)) {
    reply.status = 304;
    reply.body.clear();
  }
  return reply;
}

}  // namespace chiploc
