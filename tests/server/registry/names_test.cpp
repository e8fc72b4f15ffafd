#include "server/registry/names.hpp"

#include <map>
#include <memory>

#include "tests/support/catch.hpp"

namespace chiploc::names_test {
namespace {

std::vector<std::string> nearest(std::string_view text, const std::vector<std::string>& names,
                                 std::size_t most = 3) {
  NearestNames out{text, most};
  for (const std::string& name : names) out.offer(name);
  return out.names();
}

TEST_CASE("names: the nearest are told, the nearest first", "[registry][names]") {
  using Names = std::vector<std::string>;
  const Names licences{"L-10", "L-1", "L-2", "lab-licence", "EU-2026"};
  CHECK(nearest("L-3", licences) == Names{"L-1", "L-2"});
  CHECK(nearest("l-1", licences) == Names{"L-1", "L-10", "L-2"});
  CHECK(nearest("lab-license", licences) == Names{"lab-licence"});
  CHECK(nearest("lablicence", licences) == Names{"lab-licence"});
  CHECK(nearest("EU2026", licences, 1) == Names{"EU-2026"});
  CHECK(nearest("quite another", licences).empty());
  CHECK(nearest("L-1", {"L-1", "L-1"}) == Names{"L-1"});
  CHECK(nearest("L-3", licences, 1) == Names{"L-1"});
  CHECK(nearest("", {"a", "bb"}) == Names{"a"});
}

TEST_CASE("names: as the end of a sentence", "[registry][names]") {
  NearestNames out{"L-3", 3};
  CHECK(out.sentence().empty());
  out.offer("L-1");
  CHECK(out.sentence() == "; the nearest is L-1");
  out.offer("L-2");
  CHECK(out.sentence() == "; the nearest are L-1 and L-2");
  out.offer("L-4");
  CHECK(out.sentence() == "; the nearest are L-1, L-2 and L-4");
}

TEST_CASE("names: found exactly, else in another case if one name alone is it", "[registry][names]") {
  std::map<std::string, std::shared_ptr<const int>, std::less<>> table;
  for (const char* name : {"Acme", "ACME", "Bolt"}) table[name] = std::make_shared<const int>(name[1]);
  CHECK(*named_in(table, "Acme") == 'c');
  CHECK(*named_in(table, "ACME") == 'C');
  CHECK(named_in(table, "acme") == nullptr);
  CHECK(*named_in(table, "bOLT") == 'o');
  CHECK(named_in(table, "Bol") == nullptr);
  CHECK(named_in(table, "") == nullptr);
}

}  // namespace
}  // namespace chiploc::names_test
