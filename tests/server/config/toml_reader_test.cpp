#include "server/config/toml_reader.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using Faults = std::vector<std::string>;

TEST_CASE("TomlReader: values of every kind arrive, and the file has no faults", "[config]") {
  TomlReader file = TomlReader::parse(R"([anchor]
name = "fra1"
listen = ["127.0.0.1:1", "[::1]:2"]
stamps = "user"
rounds = 12
rate = 2
strict = true
state_dir = "state"
absolute = "/var/lib/x"
[[peer]]
name = "a"
[[peer]]
name = "b"
)",
                                      "/etc/chiploc/anchor.toml");
  TomlSection anchor = file.section("anchor");
  CHECK(anchor.present());
  CHECK(anchor.text("name") == "fra1");
  CHECK(anchor.texts("listen", true) == std::vector<std::string>{"127.0.0.1:1", "[::1]:2"});
  CHECK(anchor.choice("stamps", {"kernel", "user"}) == "user");
  CHECK(anchor.integer("rounds", {.min = 1, .max = 20, .otherwise = 3}) == 12);
  CHECK(anchor.number("rate", 0.5, 4, 1.0) == 2.0);
  CHECK(anchor.boolean("strict", false));
  CHECK(anchor.path("state_dir") == "/etc/chiploc/state");
  CHECK(anchor.path("absolute") == "/var/lib/x");
  CHECK(anchor.path("other", "spool") == "/etc/chiploc/spool");
  CHECK(file.folder() == "/etc/chiploc");
  auto peers = file.sections("peer");
  REQUIRE(peers.size() == 2);
  CHECK(peers[0].text("name") == "a");
  CHECK(peers[1].text("name") == "b");
  CHECK(file.finish().empty());
}

TEST_CASE("TomlReader: defaults stand in for absent keys without a fault", "[config]") {
  TomlReader file = TomlReader::parse("", "a.toml");
  TomlSection limits = file.section("limits");
  CHECK_FALSE(limits.present());
  CHECK(limits.integer("rounds", {.min = 1, .max = 20, .otherwise = 3}) == 3);
  CHECK(limits.text("who", "nobody") == "nobody");
  CHECK(limits.choice("stamps", {"kernel", "user"}) == "kernel");
  CHECK(limits.number("rate", 0, 1, 0.5) == 0.5);
  CHECK_FALSE(limits.boolean("strict", false));
  CHECK(limits.texts("listen", false).empty());
  CHECK(file.sections("peer").empty());
  CHECK(file.finish().empty());
}

TEST_CASE("TomlReader: all faults of a file are told at once, each with its line, in order", "[config]") {
  TomlReader file = TomlReader::parse(R"([anchor]
name = 7
listen = [1]
rounds = 0
stamps = "sundial"
nmae = "x"
empty = ""
list = []
[mehs]
a = 1
)",
                                      "a.toml");
  TomlSection anchor = file.section("anchor");
  (void)anchor.text("name");
  (void)anchor.texts("listen", true);
  CHECK(anchor.integer("rounds", {.min = 1, .max = 9, .otherwise = 4}) == 4);
  CHECK(anchor.choice("stamps", {"kernel", "user"}) == "kernel");
  (void)anchor.text("empty");
  (void)anchor.texts("list", true);
  (void)anchor.text("key");
  (void)anchor.integer("count", {});
  anchor.fault("name", "is a number; think again");
  CHECK(file.finish() ==
        Faults{
            "a.toml:1: anchor.key: missing; add key = \"...\" to [anchor]",
            "a.toml:1: anchor.count: missing; add count = <number> to [anchor]",
            "a.toml:2: anchor.name: is a TOML integer, not a string; put the value in double quotes",
            "a.toml:2: anchor.name: is a number; think again",
            "a.toml:3: anchor.listen: holds a TOML integer; put every entry in double quotes",
            "a.toml:4: anchor.rounds: 0 is out of range; use a number from 1 to 9",
            "a.toml:5: anchor.stamps: \"sundial\" is none of the choices; use one of \"kernel\" \"user\"",
            "a.toml:6: anchor.nmae: unknown key; remove it or correct its spelling",
            "a.toml:7: anchor.empty: is empty; give a value",
            "a.toml:8: anchor.list: is empty; name at least one",
            "a.toml:9: mehs: unknown; remove it or correct its spelling",
        });
  CHECK(file.finish().size() == 11);  // asking twice changes nothing
}

TEST_CASE("TomlReader: text that is no TOML gives its line and nothing else", "[config]") {
  TomlReader file = TomlReader::parse("[anchor]\nname = \n", "a.toml");
  (void)file.section("anchor").text("name");
  const Faults faults = file.finish();
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].find("a.toml:2: column ") == 0);
  CHECK(faults[0].find("not TOML") != std::string::npos);
}

TEST_CASE("TomlReader: a key that begins as none does is a fault, not the end of the program", "[config]") {
  for (const char* text : {"[.'a='", "\xCE\x89", "\xCE\x89 = 1\n"}) {
    const Faults faults = TomlReader::parse(text, "a.toml").finish();
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].find("a.toml:1: column ") == 0);
  }
}

TEST_CASE("TomlReader: a file that is absent or a folder is one fault that names it", "[config]") {
  CHECK(TomlReader::load("/nonexistent/a.toml").finish() ==
        Faults{"/nonexistent/a.toml: no such file; correct the path"});
  CHECK(TomlReader::load("/nonexistent/a.toml", "chiplocd init").finish() ==
        Faults{"/nonexistent/a.toml: no such file; correct the path, or make one: chiplocd init"});
  CHECK(TomlReader::load("/dev/null/a.toml").finish() ==
        Faults{"/dev/null/a.toml: no such file; correct the path"});
  CHECK(TomlReader::load("/").finish() == Faults{"/: is a folder; name the file in it"});
  // A name that is too long: there may be such a file elsewhere, here it cannot be read.
  const std::string longest = "/" + std::string(300, 'x');
  CHECK(TomlReader::load(longest).finish() ==
        Faults{longest + ": cannot be read (File name too long); check its owner and permissions"});
}

TEST_CASE("TomlReader: where a value stands, for what is found out about it later", "[config]") {
  TomlReader file = TomlReader::parse("top = 1\n[anchor]\nname = \"a\"\n", "a.toml");
  CHECK(file.section("anchor").where("name") == "anchor.name in a.toml:3");
  CHECK(file.top().where("top") == "top in a.toml:1");
}

TEST_CASE("TomlReader: a table where an array belongs, and the other way round, are faults", "[config]") {
  TomlReader file = TomlReader::parse("anchor = 3\n[peer]\nname = \"x\"\n", "a.toml");
  (void)file.section("anchor");
  CHECK(file.sections("peer").empty());
  CHECK(file.finish() == Faults{"a.toml:1: anchor: is no table; write [anchor]",
                                "a.toml:2: peer: is no array of tables; write [[peer]] for each"});
}

TEST_CASE("TomlReader: says which keys are there, and which were asked for", "[config]") {
  TomlReader file =
      TomlReader::parse("top = 1\n[anchor]\nname = 3\n[[peer]]\n[[peer]]\nport = 1\n", "a.toml");
  TomlSection anchor = file.section("anchor");
  CHECK(anchor.has("name"));  // of whatever type
  CHECK_FALSE(anchor.has("rounds"));
  for (TomlSection& peer : file.sections("peer")) (void)peer.integer("port", {.min = 1, .otherwise = 7});
  (void)file.section("absent").text("key", "");
  CHECK(file.top().has("top"));
  CHECK(file.asked() ==
        std::set<std::string>{"absent.key", "anchor.name", "anchor.rounds", "peer.port", "top"});
  CHECK(file.finish().empty());
}

TEST_CASE("TomlReader: keys that people choose are listed, and still unknown until they are asked for",
          "[config]") {
  TomlReader file = TomlReader::parse("[groups]\nport = [\"SG\"]\n\"D:9\" = [\"AE\"]\n", "p.toml");
  TomlSection groups = file.section("groups");
  CHECK(groups.keys() == std::vector<std::string>{"D:9", "port"});
  CHECK(file.finish().size() == 2);
  for (const std::string& key : groups.keys()) CHECK(groups.texts(key, true).size() == 1);
  CHECK(file.finish().empty());
  CHECK(file.section("none").keys().empty());
}

TEST_CASE("TomlReader: an array of numbers, whole or not", "[config]") {
  TomlReader file = TomlReader::parse("[a]\ngood = [1, 2.5]\nbad = [1, \"2\",\n nan, 4]\nno = 3\n", "a.toml");
  TomlSection a = file.section("a");
  CHECK(a.numbers("good", 0.0, 3.0) == std::vector<double>{1.0, 2.5});
  CHECK(a.numbers("none", 0.0, 3.0).empty());
  CHECK(file.section("none").numbers("x", 0.0, 3.0).empty());
  CHECK(a.numbers("bad", 0.0, 3.0) == std::vector<double>{1.0});
  CHECK(a.numbers("no", 0.0, 3.0).empty());
  CHECK(file.finish() == Faults{"a.toml:3: a.bad: holds a TOML string; write numbers alone, without quotes",
                                "a.toml:4: a.bad: holds nan; use numbers from 0 to 3",
                                "a.toml:4: a.bad: holds 4; use numbers from 0 to 3",
                                "a.toml:5: a.no: is a TOML integer, not an array; write [1.5, 2]"});
}

TEST_CASE("TomlReader: another program's file is said to be one before its single faults", "[config]") {
  struct Row {
    std::string text, whose;
  };
  const Row row = GENERATE(
      Row{"[[rendezvous]]\naddress = 1\n",
          "an agent.toml (it has [[rendezvous]]), the file of chiploc-agent"},
      Row{"[key]\nuri = 1\n[chip]\nserial = 1\n", "an agent.toml (it has [chip]), the file of chiploc-agent"},
      Row{"[mesh]\ninterval_ms = 1\n", "an anchor.toml (it has [mesh]), the file of chiploc-anchor"},
      Row{"[tls]\nca = 1\n", "a chiplocd.toml (it has [tls]), the file of chiplocd"},
      Row{"server = 1\n", "a cli.toml (it has server), the file of chiploc"});
  TomlReader file = TomlReader::parse(row.text, "a.toml");
  (void)file.section("mine").text("name");
  const Faults faults = file.finish();
  REQUIRE(faults.size() > 1);
  CHECK(faults[0] == "a.toml: this seems to be " + row.whose);
  // Asked for, it is nobody else's.
  TomlReader own = TomlReader::parse(row.text, "a.toml");
  for (const char* name : {"rendezvous", "key", "chip", "mesh", "tls"}) (void)own.section(name).present();
  (void)own.top().has("server");
  for (const std::string& fault : own.finish()) CHECK(fault.find("this seems to be") == std::string::npos);
}

}  // namespace
}  // namespace chiploc
