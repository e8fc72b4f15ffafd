#include "server/rest/field_mask.hpp"

#include <nlohmann/json.hpp>

#include "server/rest/answer_samples.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace field_mask_test {

using Json = nlohmann::ordered_json;

AnswerShape chips_shape() {
  AnswerShape shape;
  shape.add(Json::parse(R"({"chips":[{"chip_id":"5a","status":{"state":"a","since":"b"},"last":null}],
      "next":"anytext","counters":{"anytext":7},"drawing":{"anytext":null}})"));
  return shape;
}

std::string masked(std::string_view fields, const char* answer) {
  const auto mask = read_field_mask(fields, chips_shape());
  INFO(fields);
  REQUIRE(mask);
  Json json = Json::parse(answer);
  keep_wanted(*mask, json);
  return json.dump();
}

TEST_CASE("field mask: paths go through lists, and keep what they name whole", "[rest]") {
  const char* answer =
      R"({"chips":[{"chip_id":"a","status":{"state":"x","since":"y"}},{"chip_id":"b","status":null}],"next":"t"})";
  CHECK(masked("chips.chip_id", answer) == R"({"chips":[{"chip_id":"a"},{"chip_id":"b"}]})");
  CHECK(masked("chips.status.state,next", answer) ==
        R"({"chips":[{"status":{"state":"x"}},{"status":null}],"next":"t"})");
  CHECK(masked("chips", answer) == Json::parse(answer).at("chips").dump().insert(0, R"({"chips":)") + "}");
  CHECK(masked("chips,chips.chip_id", answer) == masked("chips", answer));
  CHECK(masked("chips.chip_id,chips", answer) == masked("chips", answer));
  CHECK(masked("next", R"({"chips":[]})") == "{}");
}

TEST_CASE("field mask: a path is looked up in what the answer can be, not in what it is", "[rest]") {
  const AnswerShape shape = chips_shape();
  CHECK(read_field_mask("chips.status.since", shape));
  CHECK(read_field_mask("counters.rounds_begun", shape));
  CHECK(read_field_mask("drawing.coordinates.0", shape));
  for (const char* fields : {"", ",", "chips,", "chips.", ".chips", "chips..chip_id", "chip", "chips.0",
                             "chips.chip_id.x", "Chips", "chips.status.state ", "counters.a.b", "next.x"}) {
    INFO(fields);
    const auto mask = read_field_mask(fields, shape);
    REQUIRE_FALSE(mask);
    CHECK(mask.error().field == "fields");
  }
  std::string many = "next";
  for (int i = 1; i < 32; ++i) many += ",next";
  CHECK(read_field_mask(many, shape));
  CHECK_FALSE(read_field_mask(many + ",next", shape));
  CHECK(read_field_mask("drawing.a.b.c.d.e.f.g", shape));
  CHECK_FALSE(read_field_mask("drawing.a.b.c.d.e.f.g.h", shape));
}

}  // namespace field_mask_test
}  // namespace chiploc
