#pragma once
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "server/rest/problem.hpp"
#include "server/rest/route.hpp"

namespace chiploc {

/// Which route a request is for, or why there is none: kNoRoute, or kMethodNotAllowed with Allow.
[[nodiscard]] std::variant<const ReadRoute*, Problem> find_route(const std::vector<ReadRoute>& routes,
                                                                 const HttpRequest& request);

/// What a client asks for, as the use case takes it.
struct RestRequest {
  std::unique_ptr<google::protobuf::Message> message;
  std::optional<std::string> fields{};  ///< the parameter as it came; read_field_mask() reads it
};

/// Path, query and body into the route's message, strictly: kBadRequest names the parameter or the place in the body that is
/// unknown, came twice or has no such value; kMediaType, kTooLarge.
[[nodiscard]] std::variant<RestRequest, Problem> read_request(const ReadRoute& route,
                                                              const HttpRequest& request,
                                                              std::size_t body_max);

/// Whether the Accept fields leave room for this media type ("application/json"); none: for every one.
[[nodiscard]] bool accepts(const HttpRequest& request, std::string_view media_type);

}  // namespace chiploc
