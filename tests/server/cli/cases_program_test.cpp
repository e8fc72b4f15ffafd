// Cases and orders' holds, as a person works on them.
#include "tests/server/cli/cli_world.hpp"

namespace chiploc::test {
namespace {

/// Two chips of order O-1 at fra-1 under L-1; the first has drifted, so that there is a case of it, and the order is held.
struct CaseCli : Cli {
  CaseCli() {
    world.import({kChipA, kChipB, kChipC});
    const auto write = [&](const char* name, const std::string& text) {
      return world.folder.write(name, text).string();
    };
    const ProcessResult imported = run(
        {"import", "--entities",
         write(
             "e.csv",
             "name,roles,country,watch_reason,watch_since\nExport Ltd,exporter,,,\nBuyer BV,buyer,,,\nUser AG,end_user,,,\n"),
         "--sites", write("s.csv", "name,operator,place,address\nfra-1,,,\n"), "--orders",
         write("o.csv",
               "id,licence,exporter,buyer,end_user,quantity,placed,operator\n"
               "O-1,L-1,Export Ltd,Buyer BV,User AG,4,2026-02-01,\n")});
    INFO(imported.err << imported.out);
    REQUIRE(imported.exit_code == 0);
    world.rounds().states[kChipA] = v1::OUTSIDE;
    world.play_round(kChipA);
    world.play_round(kChipA);
    auditor = person("auditor", world.auditor);
  }
  [[nodiscard]] ProcessResult by(const std::string& who, const std::vector<std::string>& arguments) const {
    return run(arguments, {{"CHIPLOC_CONFIG", who}});
  }
  std::string auditor;
};

using Line = std::vector<std::string>;

TEST_CASE("chiploc case: listed in every format, and shown with its timeline", "[cli][program][cases]") {
  const CaseCli cli;
  const std::string table = cli.out({"case", "list"});
  INFO(table);
  CHECK(has(table, "CASE  PRIORITY  KIND       STATE  CHIPS"));
  CHECK(has(table, "C-1"));
  const auto rows = json::parse(cli.out({"case", "list", "-o", "json"}));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0]["kind"] == "elsewhere");
  CHECK(rows[0]["licence"] == "L-1");
  CHECK(rows[0]["order"].is_null());
  CHECK(lines_of(cli.out({"case", "list", "-o", "ndjson"})).size() == 1);
  CHECK(has(cli.out({"case", "list", "-o", "csv"}), "case,priority,kind,state,chips,order,site,licence"));
  CHECK(cli.out({"case", "list", "--kind", "tampering"}) == "no such cases\n");
  CHECK(cli.out({"case", "list", "--state", "Resolved"}) == "no such cases\n");
  CHECK(has(cli.out({"case", "list", "--licence", "l-1", "--unassigned", "--newest"}), "C-1"));
  CHECK(cli.out({"case", "list", "--order", "o-1"}) == "no such cases\n");
  for (const Line& wrong :
       {Line{"--kind", "other"}, Line{"--since", "soon"}, Line{"--unassigned", "--assignee", "ann"}}) {
    Line line{"case", "list"};
    line.insert(line.end(), wrong.begin(), wrong.end());
    CHECK(cli.run(line).exit_code == 64);
  }
  CHECK(cli.run({"case", "list", "--site", "nowhere"}).exit_code == 66);
  const std::string text = cli.out({"case", "show", "c-1"});
  INFO(text);
  CHECK(has(text, "case           C-1, elsewhere\n"));
  CHECK(has(text, "chips          1 stand in it, 1 ever came\n"));
  CHECK(has(text, "  opened  chip " + kChipA));
  const json shown = json::parse(cli.out({"case", "show", "1", "-o", "json"}));
  CHECK(shown["timeline"].size() == 1);
  CHECK(shown["chips_shown"][0]["serial"] == "SN-0");
  CHECK(cli.run({"case", "show", "C-9"}).exit_code == 66);
  CHECK(cli.run({"case", "show", "nine"}).exit_code == 64);
  CHECK(has(cli.out({"complete", "cases", "--prefix", "c"}), "C-1"));
}

TEST_CASE("chiploc case: what persons say of it, who may, and what becomes of the chip",
          "[cli][program][cases]") {
  const CaseCli cli;
  CHECK(has(cli.out({"case", "assign", "C-1", "--to", "ann"}), "C-1: is ann's, on record\n"));
  CHECK(has(cli.out({"case", "comment", "C-1", "called the site"}), "commented, on record"));
  const std::string file = cli.world.folder.write("invoice.pdf", "paper").string();
  CHECK(has(cli.out({"case", "evidence", "C-1", "--file", file, "--note", "an invoice"}), "evidence added"));
  CHECK(cli.run({"case", "evidence", "C-1", "--note", "nothing"}).exit_code == 64);
  CHECK(cli.run({"case", "evidence", "C-1", "--file", file + ".no", "--note", "nothing"}).exit_code == 66);
  CHECK(has(cli.out({"case", "dispute", "C-1", "--statement", "an anchor was moved", "--evidence", file}),
            "disputed"));
  CHECK(has(cli.out({"chip", "status", "SN-0"}), "disputed"));
  // Refused as things stand, and refused to a role.
  CHECK(cli.run({"case", "dispute", "C-1", "--statement", "again"}).exit_code == 69);
  const std::string reader = cli.person("reader", cli.world.reader);
  CHECK(cli.by(reader, {"case", "comment", "C-1", "x"}).exit_code == 77);
  const std::string registrar = cli.person("registrar", cli.world.registrar);
  CHECK(cli.by(registrar, {"case", "decide", "C-1", "--uphold", "--reason", "x"}).exit_code == 77);
  // What persons wrote is sealed from a reader, what was decided is not.
  CHECK(cli.by(cli.auditor, {"case", "decide", "C-1", "--reject", "--reason", "the anchors were right"})
            .exit_code == 0);
  CHECK(cli.run({"case", "decide", "C-1", "--reason", "x"}).exit_code == 64);
  const std::string seen = cli.by(reader, {"case", "show", "C-1"}).out;
  CHECK_FALSE(has(seen, "called the site"));
  CHECK_FALSE(has(seen, "an anchor was moved"));
  CHECK(has(seen, "the anchors were right"));
  CHECK(
      has(cli.by(cli.auditor, {"case", "resolve", "C-1", "--as", "Explained", "--reason", "a new hall"}).out,
          "resolved as explained"));
  CHECK(has(cli.out({"chip", "status", "SN-0"}), "pending"));
  CHECK(cli.out({"case", "list"}) == "no such cases\n");
  CHECK(has(cli.out({"case", "reopen", "C-1", "--reason", "a letter"}), "open again"));
  const ProcessResult cut = cli.run({"case", "show", "C-1", "-o", "json", "--limit", "2"});
  CHECK(json::parse(cut.out).at("timeline").size() == 2);
  CHECK(has(cut.err, "showing the newest 2 of "));
  // A holder sees nothing of a foreign case.
  const std::string example = cli.person("example", cli.world.example_registrar);
  CHECK(cli.by(example, {"case", "list"}).out == "no such cases\n");
  CHECK(cli.by(example, {"case", "show", "C-1"}).exit_code == 66);
  CHECK(cli.by(example, {"case", "dispute", "C-1", "--statement", "no"}).exit_code == 66);
}

TEST_CASE("chiploc case open: another user is stated, of a chip whose end user is known",
          "[cli][program][cases]") {
  const CaseCli cli;
  const Line of_chip{"case",   "open",      "another-user", "--chip", "SN-0",
                     "--user", "Other Ltd", "--reason",     "a visit"};
  // Neither an order nor its licence says who may use it.
  CHECK(cli.run(of_chip).exit_code == 69);
  CHECK(has(cli.run(of_chip).err, "names an end user"));
  const std::string licences =
      cli.world.folder
          .write(
              "l.csv",
              "id,holder,countries,valid_from,valid_to,end_user\nL-1,\"M\xC3\xBCller, Sons\",DE,2026-01-01,2027-12-31,User "
              "AG\n")
          .string();
  REQUIRE(cli.run({"import", "--licences", licences}).exit_code == 0);
  const std::string file = cli.world.folder.write("invoice.pdf", "paper").string();
  Line with_file = of_chip;
  with_file.insert(with_file.end(), {"--evidence", file});
  CHECK(has(cli.out(with_file), "C-2: another user is stated, on record\n"));
  const auto rows = json::parse(cli.out({"case", "list", "--kind", "another_user", "-o", "json"}));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0]["case"] == "C-2");
  CHECK(has(cli.out({"case", "show", "C-2"}), "Other Ltd"));
  for (const Line& wrong :
       {Line{"case", "open", "another-user", "--user", "Other Ltd", "--reason", "a visit"},
        Line{"case", "open", "elsewhere", "--chip", "SN-0", "--user", "Other Ltd", "--reason", "a visit"},
        Line{"case", "open", "another-user", "--chip", "SN-0", "--order", "O-1", "--user", "X", "--reason",
             "y"},
        Line{"case", "open", "another-user", "--chip", "SN-0", "--site", "fra-1", "--user", "X", "--reason",
             "y"},
        Line{"case", "open", "another-user", "--chip", "SN-0", "--user", "User AG", "--reason", "a visit"}})
    CHECK(cli.run(wrong).exit_code == 64);
  CHECK(
      cli.run({"case", "open", "another-user", "--order", "O-9", "--user", "X", "--reason", "y"}).exit_code ==
      66);
  Line no_file = of_chip;
  no_file.insert(no_file.end(), {"--evidence", file + ".no"});
  CHECK(cli.run(no_file).exit_code == 66);
  const std::string registrar = cli.person("registrar", cli.world.registrar);
  CHECK(cli.by(registrar, of_chip).exit_code == 77);
  CHECK(cli.by(cli.auditor, of_chip).exit_code == 0);
}

TEST_CASE("chiploc order hold: nothing is counted, then lists and what persons may say",
          "[cli][program][cases]") {
  const CaseCli cli;
  CHECK(cli.run({"order", "hold", "O-1"}).exit_code == 66);
  CHECK(cli.out({"order", "hold"}) == "no such orders\n");
  CHECK(cli.run({"order", "hold", "O-1", "--state", "hold"}).exit_code == 64);
  CHECK(cli.run({"order", "lift", "O-1", "--until", "30d", "--reason", "x"}).exit_code == 69);
  CHECK(cli.run({"order", "lift", "O-1", "--until", "soon", "--reason", "x"}).exit_code == 64);
  CHECK(cli.run({"order", "override", "O-9", "D-1", "--reason", "x"}).exit_code == 66);
  CHECK(cli.run({"order", "decide", "O-1", "--party", "buyer", "--reason", "x"}).exit_code == 64);
  const std::string registrar = cli.person("registrar", cli.world.registrar);
  CHECK(cli.by(registrar, {"order", "lift", "O-1", "--until", "30d", "--reason", "x"}).exit_code == 77);
}

}  // namespace
}  // namespace chiploc::test
