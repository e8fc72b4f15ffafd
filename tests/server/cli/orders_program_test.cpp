// Orders and what belongs to them, as a person meets them.
#include "tests/server/cli/cli_world.hpp"

namespace chiploc::test {
namespace {

/// A licence of the world with entities, a site, an order, a delivery and a condition; without chips.
void import_orders(const Cli& cli) {
  const auto& folder = cli.world.folder;
  const auto write = [&](const char* name, const std::string& text) {
    return folder.write(name, text).string();
  };
  const ProcessResult imported = cli.run(
      {"import", "--entities",
       write("e.csv",
             "name,roles,country,watch_reason,watch_since\nExport Ltd,exporter,US,,\nBuyer BV,buyer,NL,,\n"
             "User AG,end_user,DE,,\nShadow Inc,buyer,,diversion,2025-06-01\n"),
       "--sites", write("s.csv", "name,operator,place,address\nfra-1,,DE,Example Street 1\n"), "--orders",
       write(
           "o.csv",
           "id,licence,exporter,buyer,end_user,quantity,placed\nO-1,L-1,Export Ltd,Buyer BV,User AG,4,2026-02-01\n"),
       "--deliveries", write("d.csv", "id,order,site,date,quantity\nD-1,O-1,fra-1,2026-03-01,3\n"),
       "--conditions",
       write("c.csv", "id,licence,kind,due,share_percent\nC-1,L-1,volume_cap,2026-12-31,25\n"), "--reason",
       "file 7"});
  INFO(imported.err << imported.out);
  REQUIRE(imported.exit_code == 0);
  CHECK(has(imported.out,
            "4 entities added, 1 site added, 1 condition added, 1 order added, 1 delivery added"));
}

TEST_CASE("chiploc orders: lists in every format, with their filters", "[cli][program]") {
  Cli cli;
  cli.world.import({kChipA});
  import_orders(cli);
  CHECK(cli.out({"order", "list"}) ==
        "ORDER  LICENCE  EXPORTER    BUYER     END USER  OPERATOR  PLACED      QUANTITY  DELIVERED  CHIPS\n"
        "O-1    L-1      Export Ltd  Buyer BV  User AG             2026-02-01         4          3      0\n");
  CHECK(cli.out({"order", "list", "-o", "csv"}) ==
        "order,licence,exporter,buyer,end_user,operator,placed,quantity,delivered,chips\n"
        "O-1,L-1,Export Ltd,Buyer BV,User AG,,2026-02-01,4,3,0\n");
  CHECK(json::parse(cli.out({"order", "list", "-o", "json"}))[0]["operator"].is_null());
  CHECK(has(cli.out({"entity", "list", "--watched"}), "2025-06-01     diversion"));
  CHECK(lines_of(cli.out({"entity", "list", "-o", "ndjson"})).size() == 4);
  const ProcessResult cut = cli.run({"entity", "list", "--limit", "1", "-o", "json"});
  CHECK(json::parse(cut.out).size() == 1);
  CHECK(cut.err == "showing 1 of 4; --limit 0 shows all\n");
  CHECK(has(cli.out({"delivery", "list", "--order", "o-1"}), "D-1"));
  CHECK(has(cli.out({"delivery", "list", "--site", "FRA-1"}), "D-1"));
  CHECK(cli.out({"delivery", "list", "--entity", "Shadow Inc"}) ==
        "no such delivery here; import some with: chiploc import\n");
  CHECK(has(cli.out({"condition", "list", "--unmet", "--due-before", "2027-01-01"}), "volume_cap"));
  CHECK(has(cli.out({"condition", "list", "--due-before", "2026-12-31"}), "no such condition"));
  CHECK(has(cli.out({"model", "list"}), "no such model"));
  CHECK(cli.run({"order", "list", "--licence", "L-77"}).exit_code == 66);
  CHECK(cli.run({"model", "list", "--watched"}).exit_code == 64);
  CHECK(has(cli.out({"site", "list"}), "Example Street 1"));
  const std::string reader = cli.person("reader", cli.world.reader);
  CHECK_FALSE(has(cli.run({"site", "list"}, {{"CHIPLOC_CONFIG", reader}}).out, "Example Street"));
}

TEST_CASE("chiploc orders: one order, entity, site and licence", "[cli][program]") {
  Cli cli;
  cli.world.import({kChipA});
  import_orders(cli);
  const std::string order = cli.out({"order", "show", "o-1"});
  CHECK(has(order, "order          O-1\n"));
  CHECK(has(order, "delivered      3\n"));
  CHECK(has(
      order,
      "SITE   DELIVERIES  QUANTITY  CHIPS  LATEST VERDICTS\nfra-1           1         3      0  none measured\n"));
  const json shown = json::parse(cli.out({"order", "show", "O-1", "-o", "json"}));
  CHECK(shown["delivered_at"][0]["site"] == "fra-1");
  CHECK(shown["watched"].empty());
  const std::string entity = cli.out({"entity", "show", "buyer bv"});
  CHECK(has(entity, "roles          buyer\n"));
  CHECK(has(entity, "order ids      O-1\n"));
  CHECK(json::parse(cli.out({"site", "show", "fra-1", "-o", "json"}))["delivery_ids"] ==
        json::array({"D-1"}));
  CHECK(cli.run({"entity", "show", "nobody"}).exit_code == 66);
  const std::string licence = cli.out({"licence", "show", "L-1"});
  CHECK(has(licence, "orders       1\n"));
  CHECK(has(licence, "condition    C-1 volume_cap: due 2026-12-31\n"));
}

TEST_CASE("chiploc orders: the history says who, when, why, old and new", "[cli][program]") {
  Cli cli;
  cli.world.import({kChipA});
  import_orders(cli);
  CHECK(cli.out({"remove", "entity", "shadow inc", "--reason", "entered twice"}) ==
        "removed: entity Shadow Inc\n");
  const auto gone = json::parse(cli.out({"registry", "history", "entity", "Shadow Inc", "-o", "json"}));
  REQUIRE(gone.size() == 2);
  CHECK(gone[0]["new"].is_null());
  CHECK(gone[0]["reason"] == "entered twice");
  CHECK(gone[1]["old"].is_null());
  CHECK(gone[1]["reason"] == "file 7");
  CHECK(gone[1]["by"] == gone[0]["by"]);
  CHECK(has(cli.out({"registry", "history", "order", "o-1"}), "file 7"));
  CHECK(has(cli.out({"registry", "history", "--since", "2020-01-01", "--limit", "0"}), "O-1"));
  CHECK(
      has(cli.run({"registry", "history", "--limit", "1"}).err, "showing the newest 1; --limit 0 shows all"));
  CHECK(has(cli.out({"registry", "history", "revocations"}), "nothing changed"));
  const ProcessResult never = cli.run({"registry", "history", "order", "O-77"});
  CHECK(never.exit_code == 66);
  CHECK(has(never.err, "O-77"));
  CHECK(has(cli.out({"imports"}), "entered twice"));
  CHECK(cli.run({"registry", "history", "order", "x"},
                {{"CHIPLOC_CONFIG", cli.person("reader", cli.world.reader)}})
            .exit_code == 77);
  CHECK(cli.run({"remove", "order", "O-1"}).exit_code == 69);
  CHECK(cli.out({"chip", "list", "--order", "O-1"}) ==
        "no such chips here; import some with: chiploc import\n");
  CHECK(has(cli.out({"complete", "orders", "--prefix", "o"}), "O-1"));
}

}  // namespace
}  // namespace chiploc::test
