// Values of a TOML text, replaced where they stand.
#include "server/scenario/setting.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

const std::string kText = R"([network]
loss = 0.01   # of all
[[chip]]
serial = "A.1"
site = "Köln"
stall_ms = 20
[[chip]]
site = "Köln"; serial = "B"
)";

const std::string kGoodText = R"([network]
loss = 0.01   # of all
[[chip]]
serial = "A.1"
note = """
two lines"""
stall_ms = 20
[[chip]]
serial = "B"
at = { name = "Köln", lat = 50 }
site = "Köln"
[[event]]
at = "2h"
[[event]]
at = "3h"
)";

std::string with(const std::string& key, const std::string& value) {
  const auto out = with_setting(kGoodText, {key, value});
  if (!out) FAIL(out.error());
  return *out;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

TEST_CASE("setting: the value is replaced and nothing else", "[scenario]") {
  CHECK(with("network.loss", "0.5") == replaced(kGoodText, "loss = 0.01 ", "loss = 0.5 "));
  CHECK(with("chip.A.1.stall_ms", "7.25") == replaced(kGoodText, "stall_ms = 20", "stall_ms = 7.25"));
  CHECK(with("chip.B.site", "\"Bonn\"") == replaced(kGoodText, "site = \"Köln\"", "site = \"Bonn\""));
  CHECK(with("event.2.at", "\"9h\"") == replaced(kGoodText, "\"3h\"", "\"9h\""));
  CHECK(with("chip.A.1.note", "\"x\"") == replaced(kGoodText, "\"\"\"\ntwo lines\"\"\"", "\"x\""));
}

TEST_CASE("setting: behind letters of several bytes the place is still the right one", "[scenario]") {
  const std::string text = "[lab]\nx = { \"größe\" = 1 }\n[a]\n\"ä\" = 1\nb = 22\n";
  const auto out = with_setting(text, {"a.b", "3"});
  REQUIRE(out.has_value());
  CHECK(*out == "[lab]\nx = { \"größe\" = 1 }\n[a]\n\"ä\" = 1\nb = 3\n");
  const auto umlaut = with_setting(text, {"a.ä", "5"});
  REQUIRE(umlaut.has_value());
  CHECK(*umlaut == "[lab]\nx = { \"größe\" = 1 }\n[a]\n\"ä\" = 5\nb = 22\n");
}

TEST_CASE("setting: what it refuses, it says why", "[scenario]") {
  const auto fault = [](const std::string& key) {
    const auto out = with_setting(kGoodText, {key, "1"});
    return out ? std::string{} : out.error();
  };
  CHECK(fault("loss").find("is no key of the file") == 0);
  CHECK(fault("network.").find("is no key of the file") == 0);
  CHECK(fault("chip.C.stall_ms").find("names no table of the file") == 0);
  CHECK(fault("chip.stall_ms").find("names no table of the file") == 0);
  CHECK(fault("network.x.loss").find("names no table of the file") == 0);
  CHECK(fault("event.3.at").find("names no table of the file") == 0);
  CHECK(fault("chip.B.stall_ms").find("does not stand in the file") == 0);
  CHECK(fault("chip.B.at").find("is no single value") == 0);
  CHECK(fault("sweep.1.key").find("is of [sweep]") == 0);
  CHECK_FALSE(with_setting(kText, {"network.loss", "1"}).has_value());  // no TOML
}

TEST_CASE("setting: values as TOML and JSON write them alike", "[scenario]") {
  CHECK(*value_in(kGoodText, "network.loss") == "0.01");
  CHECK(*value_in(kGoodText, "chip.B.site") == "\"Köln\"");
  CHECK(*value_in("[a]\nb = 'x\"y\\z'\n", "a.b") == "\"x\\\"y\\\\z\"");
  CHECK(*value_in("[a]\nb = true\n", "a.b") == "true");
  CHECK(toml_number(0.1) == "0.1");
  CHECK(toml_number(250.0) == "250");
  CHECK(number_in("0.25") == 0.25);
  CHECK_FALSE(number_in("\"5\"").has_value());
}

TEST_CASE("setting: lists and conditions", "[scenario]") {
  const std::string text = R"([[sweep]]
values = [1, 2.5, "x", true]
bad = [[1]]
none = []
[[expect]]
when = { "network.loss" = 0.1, "chip.B.site" = "Bonn", "chip.B.stall_ms" = [1, 20] }
odd = { "network.loss" = [1] }
)";
  CHECK(*values_of(text, "sweep", 0, "values") == std::vector<std::string>{"1", "2.5", "\"x\"", "true"});
  CHECK(values_of(text, "sweep", 0, "absent")->empty());
  CHECK_FALSE(values_of(text, "sweep", 0, "bad").has_value());
  CHECK_FALSE(values_of(text, "sweep", 0, "none").has_value());
  CHECK_FALSE(conditions_of(text, "expect", 0, "odd").has_value());
  const auto when = conditions_of(text, "expect", 0, "when");
  REQUIRE(when.has_value());
  REQUIRE(when->size() == 3);  // in the order of their names
  CHECK(fulfils("\"Bonn\"", (*when)[0]));
  CHECK_FALSE(fulfils("\"Köln\"", (*when)[0]));
  CHECK(fulfils("20", (*when)[1]));
  CHECK(fulfils("1.0", (*when)[1]));
  CHECK_FALSE(fulfils("20.1", (*when)[1]));
  CHECK(fulfils("0.10", (*when)[2]));
  CHECK_FALSE(fulfils("0.2", (*when)[2]));
}

}  // namespace
}  // namespace chiploc
