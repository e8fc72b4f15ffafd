#include "server/http/http_message.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

TEST_CASE("HttpRequest: a field is its only one, or there is none", "[http]") {
  const HttpRequest request{.method = "GET",
                            .path = "/",
                            .segments = {},
                            .fields = {{"host", "a"}, {"if-match", "\"1\""}, {"host", "b"}}};
  CHECK(request.field("if-match") == std::optional<std::string_view>{"\"1\""});
  CHECK_FALSE(request.field("host"));
  CHECK_FALSE(request.field("If-Match"));
  CHECK_FALSE(request.field("accept"));
}

}  // namespace
}  // namespace chiploc
