// openapi_sample: prints /openapi.json for openapi_by_others_test.py.
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "server/rest/openapi.hpp"

int main() {
  using namespace chiploc;
  const std::vector<ReadRoute> routes = read_routes(rest_routes());
  std::map<const ReadRoute*, AnswerShape> shapes;
  const auto document = openapi_document(
      routes,
      [&](const ReadRoute& route) -> const AnswerShape& {
        return shapes.try_emplace(&route, shape_of(route)).first->second;
      },
      "0.1.0");
  std::cout << document.dump(2) << '\n';
  return std::cout ? 0 : 1;
}
