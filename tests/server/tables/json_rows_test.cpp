#include <nlohmann/json.hpp>
#include <random>

#include "server/tables/rows.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::json_rows_test {
namespace {

constexpr std::array<std::string_view, 2> kColumns{"a", "countries"};
constexpr std::array<std::string_view, 2> kTruthColumns{"rendezvous", "countries"};
constexpr std::array<std::string_view, 2> kRawColumns{"a", "geojson"};

JsonForm form_of(std::string_view column) {
  if (column == "countries") return JsonForm::kTexts;
  if (column == "rendezvous") return JsonForm::kTruth;
  return column == "geojson" ? JsonForm::kObject : JsonForm::kText;
}

struct Read {
  std::vector<Row> rows;
  std::vector<RowFault> faults;
};
Read read(std::string_view content, std::size_t rows_max = 100, std::size_t field_bytes = 1000,
          std::span<const std::string_view> columns = kColumns) {
  Read out;
  RowBudget budget{rows_max, rows_max, field_bytes};
  FaultLog log{"f.json", 100};
  read_json(content, columns, form_of, budget, log, [&](Row row) { out.rows.push_back(std::move(row)); });
  out.faults = log.take();
  return out;
}
void check_fault(const Read& got, std::uint32_t line, const std::string& field, const std::string& part) {
  REQUIRE(got.faults.size() == 1);
  CHECK(got.faults[0].line == line);
  CHECK(got.faults[0].field == field);
  CHECK_THAT(got.faults[0].problem, Catch::Contains(part));
}

}  // namespace

TEST_CASE("JSON: rows come with the lines of their objects and fields", "[tables]") {
  const auto got = read(
      "\xEF\xBB\xBF[\n {\"countries\": \"DE\",\n  \"a\": 1.5e1\n },\n\n {\"a\": 7, \"countries\": "
      "[\"DE\", \"FR\"]}\n]\n");
  REQUIRE(got.faults.empty());
  REQUIRE(got.rows.size() == 2);
  CHECK(got.rows[0].line == 2);
  CHECK(got.rows[0].cells[0].text == "1.5e1");
  CHECK(got.rows[0].cells[0].line == 3);
  CHECK(got.rows[1].line == 6);
  CHECK(got.rows[1].cells[0].text == "7");
  CHECK(got.rows[1].cells[1].text == "DE;FR");
  const auto truth = read("[{\"rendezvous\":true,\"countries\":\"DE\"}]", 100, 1000, kTruthColumns);
  REQUIRE(truth.faults.empty());
  CHECK(truth.rows.at(0).cells[0].text == "yes");
}

TEST_CASE("JSON: an object where geojson stands is kept as it is written, whatever is in it", "[tables]") {
  const std::string object =
      "{\"type\":\"x\", \"a\": [1, {\"countries\": null}, \"}]\"],\n  \"geojson\": {} }";
  const auto got = read("[ {\"geojson\": " + object + ",\n\"a\": \"1\"},{\"a\":\"2\",\"geojson\":\"text\"} ]",
                        100, 1000, kRawColumns);
  REQUIRE(got.faults.empty());
  REQUIRE(got.rows.size() == 2);
  CHECK(got.rows[0].cells[0].text == "1");
  CHECK(got.rows[0].cells[1].text == object);
  CHECK(got.rows[0].cells[1].line == 1);
  CHECK(got.rows[1].line == 3);
  CHECK(got.rows[1].cells[1].text == "text");
  check_fault(read("[{\"a\":\"1\",\"geojson\":" + object + "}]", 100, 40, kRawColumns), 1, "geojson",
              "at most 40");
  check_fault(read("[{\"a\":\"1\",\"geojson\":[1]}]", 100, 40, kRawColumns), 1, "geojson", "an array");
  check_fault(read("[{\"a\":{},\"geojson\":{}}]", 100, 40, kRawColumns), 1, "a", "an object");
}

TEST_CASE("JSON: every fault names its line and field", "[tables]") {
  const std::string good = "{\"a\":\"1\",\"countries\":\"DE\"}";
  SECTION("syntax") { check_fault(read("[\n" + good + "\n" + good + "]"), 3, "", "is not JSON"); }
  SECTION("cut off") { check_fault(read("[\n" + good + ",\n"), 3, "", "is not JSON"); }
  SECTION("empty") { check_fault(read(""), 1, "", "is not JSON"); }
  SECTION("something behind the array") { check_fault(read("[" + good + "]\n\nx"), 3, "", "is not JSON"); }
  SECTION("no UTF-8") { check_fault(read("[{\"a\":\"\xFF\"}]"), 1, "", "is not JSON"); }
  SECTION("an object instead of an array") {
    check_fault(read("\n" + good), 2, "", "not an array of objects");
  }
  SECTION("a text instead of an array") { check_fault(read("\"x\""), 1, "", "not an array of objects"); }
  SECTION("a row that is no object") {
    check_fault(read("[" + good + ",\n7]"), 2, "", "each row is an object");
  }
  SECTION("a row that is an array") {
    check_fault(read("[" + good + ",\n[]]"), 2, "", "each row is an object");
  }
  SECTION("unknown field") {
    check_fault(read("[{\"a\":\"1\",\n\"x\":\"2\",\"countries\":\"DE\"}]"), 2, "", "\"x\" is not known");
  }
  SECTION("missing field") { check_fault(read("[\n{\"countries\":\n\"DE\"}]"), 2, "a", "missing"); }
  SECTION("field twice") {
    check_fault(read("[{\"a\":\"1\",\n\"a\":\"2\",\"countries\":\"DE\"}]"), 2, "a", "twice");
  }
  SECTION("null") { check_fault(read("[{\n\"a\":null,\"countries\":\"DE\"}]"), 2, "a", "null"); }
  SECTION("an object as a value") {
    check_fault(read("[{\n\"a\":{\"b\":{\"a\":[1]}},\"countries\":\"DE\"}]"), 2, "a", "an object where");
  }
  SECTION("an array where a text belongs") {
    check_fault(read("[{\n\"a\":[\"1\",[2]],\"countries\":\"DE\"}]"), 2, "a", "an array where");
  }
  SECTION("an array in an array of texts") {
    check_fault(read("[{\"a\":\"1\",\n\"countries\":[\"DE\",[\"FR\"]]}]"), 2, "countries", "an array among");
  }
  SECTION("field too long") {
    check_fault(read("[{\n\"a\":\"12345\",\"countries\":\"DE\"}]", 100, 4), 2, "a", "at most 4");
  }
  SECTION("array too long") {
    check_fault(read("[{\"a\":\"1\",\n\"countries\":[\"DE\",\"FR\",\"IT\"]}]", 100, 5), 2, "countries",
                "at most 5");
  }
  SECTION("too many rows") {
    check_fault(read("[" + good + ",\n" + good + ",\n" + good + "]", 1), 2, "", "more than 1 rows");
  }
  SECTION("a truth where a text belongs") {
    check_fault(read("[{\n\"a\":true,\"countries\":\"DE\"}]"), 2, "a", "is true where a text should stand");
  }
  SECTION("a truth in an array of texts") {
    check_fault(read("[{\"a\":\"1\",\n\"countries\":[\"DE\",false]}]"), 2, "countries", "write \"false\"");
  }
  SECTION("a number beyond any") {
    check_fault(read("[{\"a\":1e999,\"countries\":\"DE\"}]"), 1, "", "is not JSON");
  }
}

TEST_CASE("JSON: a row with a fault does not hide the rows around it", "[tables]") {
  const auto got =
      read("[{\"a\":\"1\",\"countries\":\"DE\"},{\"a\":null},{\"a\":\"3\",\"countries\":\"DE\"}]");
  CHECK(got.rows.size() == 2);
  CHECK(got.faults.size() == 2);  // null, and countries missing
}

TEST_CASE("JSON: deep nesting ends in a fault, not in a full stack", "[tables]") {
  const auto got = read("[{\"a\":" + std::string(1'000'000, '['));
  CHECK_FALSE(got.faults.empty());
  CHECK(got.rows.empty());
}

TEST_CASE("JSON: what is written is read back, with the line of each row", "[tables][property]") {
  std::mt19937 random{20261122};
  for (int round = 0; round < 200; ++round) {
    std::string file = "[";
    std::vector<std::pair<std::string, std::uint32_t>> wanted;
    std::uint32_t line = 1;
    for (int row = 0; row < 5; ++row) {
      std::string text;
      for (auto i = random() % 8; i > 0; --i) text += "a\"\\\n\t/{]\x7F"[random() % 9];
      for (auto i = random() % 3; i > 0; --i, ++line) file += "\n";
      wanted.emplace_back(text, line);
      file += nlohmann::json{{"a", text}, {"countries", "DE"}}.dump() + (row < 4 ? "," : "]");
    }
    const auto got = read(file);
    INFO("round " << round << " of seed 20261122:\n" << file);
    REQUIRE(got.faults.empty());
    REQUIRE(got.rows.size() == wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      CHECK(got.rows[i].cells[0].text == wanted[i].first);
      CHECK(got.rows[i].line == wanted[i].second);
    }
  }
}

TEST_CASE("JSON: columns at the end of the list may be missing in an object, where that is said",
          "[tables]") {
  const auto with = [&](std::string_view content, std::size_t optional) {
    Read out;
    RowBudget budget{100, 100, 1000};
    FaultLog log{"f.json", 100};
    read_json(
        content, kColumns, form_of, budget, log, [&](Row row) { out.rows.push_back(std::move(row)); },
        optional);
    out.faults = log.take();
    return out;
  };
  const auto got = with(R"([{"a":"1"},{"a":"2","countries":""}])", 1);
  REQUIRE(got.faults.empty());
  REQUIRE(got.rows.size() == 2);
  CHECK(got.rows[0].cells[1].line == 0);
  CHECK(got.rows[1].cells[1].line == 1);
  check_fault(with(R"([{"countries":"1"}])", 1), 1, "a", "is missing");
  check_fault(with(R"([{"a":"1"}])", 0), 1, "countries", "is missing");
}

}  // namespace chiploc::json_rows_test
