#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "server/http/http_message.hpp"

namespace chiploc {

/// `"` and 32 hex digits of the bytes' SHA-256 and `"`: a strong entity tag.
[[nodiscard]] std::string entity_tag(std::string_view body);

/// Whether If-None-Match has this tag: a 304 is all that is needed.
[[nodiscard]] bool is_known(const HttpRequest& request, std::string_view tag);

/// The answer as it is sent. Of a GET with its tag; 304 without a body where If-None-Match has that. Nobody else's cache may
/// keep it, for what it shows is this caller's.
[[nodiscard]] HttpReply json_reply(const HttpRequest& request, int status,
                                   const nlohmann::ordered_json& answer);

}  // namespace chiploc
