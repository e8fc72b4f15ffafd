// Makers, models, entities, the parties of an order, and chiplocd's own sections, as text.

#include <algorithm>

#include "server/lab/lab_file.hpp"
#include "tests/server/lab/lab_text.hpp"

namespace chiploc {
namespace {

const std::string kOrdered = R"([lab]
name = "orders"
[[maker]]
name = "Acme"
[[model]]
name = "AC-1"
maker = "Acme"
eccn = "3A090.a"
[[entity]]
name = "Export Ltd"
roles = ["exporter"]
country = "AU"
[[entity]]
name = "User AG"
roles = ["buyer", "end_user"]
[[licence]]
id = "L-1"
holder = "User AG"
countries = ["DE"]
end_user = "User AG"
[[place]]
name = "fra"
lat = 50.1
lon = 8.7
[[anchor]]
name = "a1"
lat = 50
lon = 8
operator = "A"
network = "AS1"
[[order]]
id = "O-1"
chips = 3
quantity = 5
licence = "L-1"
site = "fra"
model = "AC-1"
exporter = "Export Ltd"
buyer = "User AG"
end_user = "User AG"
)";

std::string without(const std::string& line) {
  std::string text = kOrdered;
  const auto at = text.find(line);
  REQUIRE(at != std::string::npos);
  return text.erase(at, line.size());
}
std::string with(const std::string& line, const std::string& other) {
  std::string text = kOrdered;
  const auto at = text.find(line);
  REQUIRE(at != std::string::npos);
  return text.replace(at, line.size(), other);
}

TEST_CASE("lab file: an order with parties is one of the registry", "[sim][lab]") {
  const LabFile file = lab_of(kOrdered);
  REQUIRE(file.orders.size() == 1);
  const LabOrder& order = file.orders[0];
  REQUIRE(order.parties.has_value());
  CHECK(order.parties->exporter == "Export Ltd");
  CHECK(order.parties->end_user == "User AG");
  CHECK(order.quantity == 5);
  CHECK(order.country->text() == "DE");
  CHECK(file.chips[2].model == "AC-1");
  CHECK(file.licences[0].end_user == "User AG");
  CHECK(file.makers == std::vector<std::string>{"Acme"});

  std::string row = without("exporter = \"Export Ltd\"\nbuyer = \"User AG\"\nend_user = \"User AG\"\n");
  row.erase(row.find("quantity = 5\n"), 13);
  const LabFile row_of_chips = lab_of(row);
  CHECK_FALSE(row_of_chips.orders[0].parties.has_value());
  CHECK(row_of_chips.orders[0].quantity == 3);
}

TEST_CASE("lab file: parties that do not fit say so, each with its line", "[sim][lab]") {
  check_fault(without("buyer = \"User AG\"\n"), "order.buyer: missing");
  check_fault(with("buyer = \"User AG\"", "buyer = \"Export Ltd\""),
              "t.toml:39: order.buyer: \"Export Ltd\" has not the role buyer");
  check_fault(with("exporter = \"Export Ltd\"", "exporter = \"Nobody\""),
              "t.toml:38: order.exporter: no [[entity]] is named \"Nobody\"");
  check_fault(with("quantity = 5", "quantity = 2"), "order.quantity: 2 is out of range");
  check_fault(with("roles = [\"exporter\"]", "roles = [\"friend\"]"), "t.toml:11: entity.roles: ");
  check_fault(with("country = \"AU\"", "country = \"XX\""), "t.toml:12: entity.country: ");
  check_fault(with("maker = \"Acme\"", "maker = \"Bcme\""), "t.toml:7: model.maker: no [[maker]]");
  check_fault(with("eccn = \"3A090.a\"", "eccn = \"3A\""), "t.toml:8: model.eccn: ");
  check_fault(with("model = \"AC-1\"", "model = \"AC-2\""), "order.model: no [[model]] is named \"AC-2\"");
  check_fault(without("exporter = \"Export Ltd\"\nbuyer = \"User AG\"\nend_user = \"User AG\"\n"),
              "order.quantity: is of an order of the registry");
}

TEST_CASE("lab file: chiplocd's own sections go there as they stand, at their lines", "[sim][lab]") {
  std::string seen;
  LabWorld world = small_world();
  world.chiplocd = [&seen](std::string_view text, const std::filesystem::path& name) {
    seen = text;
    CHECK(name == "/lab/t.toml");
    return LabDaemonRead{.faults = {}, .measures = true};
  };
  const std::string text = kOrdered + R"([scheduler]
cadence_s = 30
[[event]]
at = "5s"
chip = "O-1-1"
behaviour = "silent"
[[notices]]
name = "desk"
secret = "desk.secret"
ca = "/etc/ca.pem"
)";
  const auto read = parse_lab_file(text, "/lab/t.toml", world);
  if (!read) FAIL(read.error().front());
  const auto line_of = [](const std::string& where, const std::string& what) {
    return std::count(where.begin(), where.begin() + static_cast<std::ptrdiff_t>(where.find(what)), '\n');
  };
  REQUIRE(seen.find("cadence_s = 30") != std::string::npos);
  CHECK(line_of(seen, "cadence_s = 30") == line_of(text, "cadence_s = 30"));
  CHECK(line_of(seen, "ca = ") == line_of(text, "ca = "));
  CHECK(seen.find("behaviour") == std::string::npos);
  CHECK(seen.find("[lab]") == std::string::npos);
  CHECK(read.value().chiplocd.find("secret = \"/lab/desk.secret\"") != std::string::npos);
  CHECK(read.value().chiplocd.find("ca = \"/etc/ca.pem\"") != std::string::npos);
  // Without a cadence nothing is measured after the event.
  world.chiplocd = [](std::string_view, const std::filesystem::path&) {
    return LabDaemonRead{.faults = {"t.toml:50: scheduler.x: unknown key"}, .measures = false};
  };
  const auto refused = parse_lab_file(text, "/lab/t.toml", world);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().size() == 2);
}

}  // namespace
}  // namespace chiploc
