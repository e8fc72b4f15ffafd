// Every command in every format, and what it exits with.
#include <algorithm>

#include "proto/crypto/digest.hpp"
#include "tests/server/cli/cli_world.hpp"

namespace chiploc::test {
namespace {

TEST_CASE("chiploc chip: list and show in every format", "[cli][program]") {
  Cli cli;
  cli.world.import({kChipA, kChipB});
  cli.world.play_round(kChipA);
  CHECK(cli.out({"chip", "list"}) ==
        "CHIP                              SERIAL  MAKER  MODEL    LICENCE  STATE           DECIDED          "
        "     EXPIRES               ROUNDS\n"
        "aaaa1000000000000000000000000000  SN-0    acme   LAB-100  L-1      VERIFIED        2026-09-21 "
        "14:13:20Z  2100-01-01 00:00:00Z       1\n"
        "aaaa2000000000000000000000000000  SN-1    acme   LAB-100  L-2      never measured  -                "
        "     -                          0\n");
  CHECK(
      cli.out({"chip", "list", "-o", "csv"}) ==
      "chip_id,device_id,serial,maker,model,licence,state,decided_at,expires_at,expired,rounds,"
      "eccn,order,delivery,site\n"
      "aaaa1000000000000000000000000000,aaaa1000000000000000000000000000,SN-0,acme,LAB-100,L-1,VERIFIED,"
      "2026-09-21T14:13:20.000Z,2100-01-01T00:00:00.000Z,false,1,,,,\n"
      "aaaa2000000000000000000000000000,aaaa2000000000000000000000000000,SN-1,acme,LAB-100,L-2,,,,,0,,,,\n");
  const json list = json::parse(cli.out({"-o", "json", "chip", "list"}));
  REQUIRE(list.size() == 2);
  CHECK(list[0]["last_verdict"]["state"] == "VERIFIED");
  CHECK(list[1]["last_verdict"].is_null());
  CHECK(lines_of(cli.out({"chip", "list", "-o", "ndjson"})) == std::vector<json>(list.begin(), list.end()));
  CHECK(json::parse(cli.out({"chip", "list", "--licence", "L-2", "-o", "json"})).size() == 1);
  CHECK(json::parse(cli.out({"chip", "list", "--state", "VERIFIED", "-o", "json"})).size() == 1);
  CHECK(cli.out({"chip", "list", "--state", "SILENT"}) ==
        "no such chips here; import some with: chiploc import\n");

  const std::string shown = cli.out({"chip", "show", "SN-1"});
  CHECK(has(shown, "chip         aaaa2000000000000000000000000000\nserial       SN-1\n"));
  CHECK(has(shown, "reach        inbound 192.0.2.9:7400\n"));
  CHECK(has(shown, "-----BEGIN CERTIFICATE-----"));
  CHECK(has(shown, "never measured; measure it with: chiploc verify aaaa2000000000000000000000000000"));
  const std::string measured = cli.out({"chip", "show", "aaaa1"});
  CHECK(has(measured, "VERIFIED: proved to be inside the licensed territory"));
  CHECK(has(measured, "\nlast         VERIFIED   20"));
  const json chip = json::parse(cli.out({"chip", "show", "aaaa1", "-o", "json"}));
  CHECK(chip["serial"] == "SN-0");
  CHECK(chip["last_verdict"]["anchors"].size() == 2);
  CHECK(has(cli.out({"chip", "show", "aaaa1", "-o", "csv"}),
            "\naaaa1000000000000000000000000000,aaaa1000000000000000000000000000,SN-0,"));
}

TEST_CASE("chiploc chip list: an expired verdict stays green for nobody", "[cli][program]") {
  Cli cli;
  cli.world.import({kChipA});
  cli.world.rounds().expires = kCertificatesFrom;  // long ago
  cli.world.play_round(kChipA);
  CHECK(has(cli.out({"chip", "list"}), "VERIFIED (expired)"));
  const ProcessResult painted = cli.run({"chip", "list", "--color", "always"});
  CHECK_FALSE(has(painted.out, "\x1b[32m"));
  CHECK(json::parse(cli.out({"chip", "list", "-o", "json"}))[0]["expired"] == true);
  CHECK(has(cli.out({"chip", "show", "aaaa1"}), "The latest verdict has expired."));
}

TEST_CASE("chiploc licence, anchor, status: in every format", "[cli][program]") {
  Cli cli;
  cli.world.import({kChipA});
  CHECK(cli.out({"licence", "list"}) ==
        "LICENCE  HOLDER        COUNTRIES  FROM        TO          CHIPS\n"
        "L-1      M\xC3\xBCller, Sons  DE         2026-01-01  2027-12-31      1\n"
        "L-2      Example SA    FR JP      2026-01-01  2027-12-31      0\n"
        "\nprohibited territories: KP RU\n");
  CHECK(cli.out({"licence", "list", "-o", "csv"}) ==
        "licence,holder,countries,valid_from,valid_to,chips\n"
        "L-1,\"M\xC3\xBCller, Sons\",DE,2026-01-01,2027-12-31,1\n"
        "L-2,Example SA,FR;JP,2026-01-01,2027-12-31,0\n");
  CHECK(json::parse(cli.out({"licence", "list", "-o", "json"}))["prohibited"] == json::array({"KP", "RU"}));
  CHECK(lines_of(cli.out({"licence", "list", "-o", "ndjson"})).size() == 2);

  const std::string anchors = cli.out({"anchor", "list"});
  CHECK(has(anchors,
            "ANCHOR  PLACE             +- KM  OPERATOR  NETWORK  ADDRESS         RENDEZVOUS  CONNECTED"));
  CHECK(has(anchors, "fra1    50.110 N 8.680 E    0.5  op-a      AS64496  192.0.2.1:7411  yes         yes"));
  CHECK(has(cli.out({"anchor", "list", "-o", "csv"}), "\npar1,"));
  CHECK(lines_of(cli.out({"anchor", "list", "-o", "ndjson"}))[1]["last_seen_at"].is_null());
  CHECK(json::parse(cli.out({"anchor", "list", "-o", "json"}))[0]["spool_dropped"] == 3);
  const json map = json::parse(cli.out({"anchor", "list", "-o", "geojson"}));
  CHECK(map["type"] == "FeatureCollection");
  CHECK(map["features"][0]["geometry"]["coordinates"] == json::array({8.68, 50.11}));
  CHECK(map["features"][0]["properties"]["anchor"] == "fra1");
  CHECK(json::parse(cli.out({"anchor", "list", "-o", "json"}))[0]["twice_seen_at"].is_null());
  CHECK(cli.run({"anchor", "list"}).err.empty());
  cli.world.rounds().twice = std::chrono::seconds{30};
  const ProcessResult twice = cli.run({"anchor", "list"});
  CHECK(has(twice.out,
            "fra1    50.110 N 8.680 E    0.5  op-a      AS64496  192.0.2.1:7411  yes         twice"));
  CHECK(
      twice.err ==
      "fra1 runs twice: two processes with its name and key (at 10.0.0.1:1002 and 10.0.0.2:2001) take each other's "
      "place, and rounds fail (last seen 2026-09-21 14:12:50Z). Stop one of them, or give it a name and key of its "
      "own: chiploc-anchor init\n");
  const json two = json::parse(cli.run({"anchor", "list", "-o", "json"}).out)[0];
  CHECK(two["twice_seen_at"] == "2026-09-21T14:12:50.000Z");
  CHECK(two["twice_addresses"] == json::array({"10.0.0.1:1002", "10.0.0.2:2001"}));
  cli.world.rounds().twice = std::chrono::minutes{2};  // longer than a reconnect takes: it was cured
  const ProcessResult cured = cli.run({"anchor", "list"});
  CHECK(has(cured.out, "AS64496  192.0.2.1:7411  yes         yes"));
  CHECK(
      cured.err ==
      "fra1 ran twice until 2026-09-21 14:11:20Z: two processes with its name and key (at 10.0.0.1:1002 and "
      "10.0.0.2:2001) took each other's place, and rounds of then may have failed by it\n");

  CHECK(has(cli.out({"status"}), "\nrounds_in_flight  "));
  CHECK(has(cli.out({"status", "-o", "csv"}), "\nrounds_in_flight,2\n"));
  CHECK(has(cli.out({"status", "-o", "csv"}), "\nreports_rejected,7\n"));
  const json status = json::parse(cli.out({"status", "-o", "json"}));
  CHECK(status["started_at"] == "2026-09-21T14:13:20.000Z");
  CHECK(status["counters"]["reports_rejected"] == 7);
  CHECK(lines_of(cli.out({"status", "-o", "ndjson"})).size() == 1);
}

TEST_CASE("chiploc import: territories, and the licences that name them", "[cli][program][import]") {
  Cli cli;
  const TempDir& folder = cli.world.folder;
  const std::string drawing =
      R"({"type": "Polygon", "coordinates": [[[8.61,50.07],[8.66,50.07],[8.66,50.11],[8.61,50.11],[8.61,50.07]]]})";
  const std::string territories =
      folder
          .write("territories.json", R"([{"name": "benelux", "countries": ["BE", "NL", "LU"], "geojson": ""},
 {"name": "fra-campus", "countries": [], "geojson": )" +
                                         drawing + "}]")
          .string();
  const std::string licences =
      folder
          .write("l.csv",
                 "id,holder,countries,valid_from,valid_to\nL-9,H,DE fra-campus,2026-01-01,2026-12-31\n")
          .string();
  const std::string prohibited = folder.write("p.csv", "country\nbenelux\nKP\n").string();
  const ProcessResult alone = cli.run({"import", "--licences", licences});
  CHECK(alone.exit_code == 65);
  CHECK(has(alone.out, "l.csv:2"));
  CHECK(has(alone.out, "fra-campus"));
  const std::string dry = cli.out({"import", "--licences", licences, "--prohibited", prohibited,
                                   "--territories", territories, "--dry-run"});
  CHECK(has(dry, "fra-campus  15.9  DE "));
  CHECK(has(dry, "50.07 to 50.11, 8.61 to 8.66\n"));
  CHECK(has(dry, "licence L-9 (new)"));
  CHECK(has(
      cli.out({"import", "--licences", licences, "--prohibited", prohibited, "--territories", territories}),
      "imported: 5 added"));
  const std::string other =
      folder.write("o.csv", "id,holder,countries,valid_from,valid_to\nL-9,H,DE NL,2026-01-01,2026-12-31\n")
          .string();
  const std::string changed = cli.out({"import", "--licences", other, "--dry-run"});
  CHECK(has(changed, "licence L-9  countries  DE fra-campus  DE NL\n"));
  CHECK(has(changed, "no faults; would be: 0 added, 1 changed, 0 unchanged\n"));
  const json told = json::parse(cli.out({"import", "--licences", other, "--dry-run", "-o", "json"}));
  CHECK(told["changes"][0]["fields"][0] ==
        json({{"field", "countries"}, {"old", "DE fra-campus"}, {"new", "DE NL"}}));
  CHECK(told["licences"][0]["exempts"] == json::array({"NL"}));
  CHECK(told["changes_total"] == 1);
  const std::string sea = folder
                              .write("sea.json", R"([{"name": "adrift", "countries": [], "geojson":
 {"type": "Polygon", "coordinates": [[[-121,-41],[-120,-41],[-120,-40],[-121,-40],[-121,-41]]]}}])")
                              .string();
  CHECK(has(cli.out({"import", "--territories", sea, "--dry-run"}), "territory adrift  meets no land"));
  CHECK(has(
      cli.out({"licence", "list"}),
      "\nprohibited territories: KP benelux\nterritory benelux: BE LU NL\nterritory fra-campus: 15.9 km2\n"));
  const json list = json::parse(cli.out({"licence", "list", "-o", "json"}));
  CHECK(list["licences"][0]["countries"] == json::array({"DE", "fra-campus"}));
  CHECK(list["territories"][0]["countries"] == json::array({"BE", "LU", "NL"}));
  CHECK(list["territories"][0]["area_km2"].is_null());
  CHECK(list["territories"][1]["geojson_sha256"].get<std::string>() == sha256(bytes_of(drawing)).hex());
}

TEST_CASE("chiploc import: all or nothing, with each fault's file, line and field",
          "[cli][program][import]") {
  Cli cli;
  const TempDir& folder = cli.world.folder;
  const std::string makers = folder.write("makers.json", cli.world.files.makers_json()).string();
  const std::string licences = folder.write("licences.csv", RegistryFiles::licences_csv()).string();
  const std::string anchors = folder.write("anchors.csv", cli.world.files.anchors_csv()).string();
  const std::string prohibited = folder.write("prohibited.csv", RegistryFiles::prohibited_csv()).string();
  const std::string chips = folder.write("chips.json", cli.world.files.chips_json({kChipA})).string();
  const std::vector<std::string> all{"import",   "--makers",  makers,  "--licences",
                                     licences,   "--anchors", anchors, "--prohibited",
                                     prohibited, "--chips",   chips};
  std::vector<std::string> dry = all;
  dry.emplace_back("--dry-run");
  CHECK(has(cli.out(dry), "no faults; would be: "));
  CHECK(cli.world.registry().get()->chips().empty());
  CHECK(has(cli.out(all), "imported: "));
  CHECK(cli.world.registry().get()->chips().size() == 1);
  CHECK(json::parse(cli.out({"import", "--makers", makers, "-o", "json"}))["unchanged"] == 1);
  const std::string lists = folder.write("crl.json", cli.world.files.revocations_json()).string();
  CHECK(json::parse(cli.out({"import", "--revocations", lists, "-o", "json"}))["added"] == 1);
  REQUIRE(cli.world.registry().get()->revocations("acme") != nullptr);
  CHECK(cli.world.registry().get()->revocations("acme")->lists.size() == 1);

  const std::string bad =
      folder.write("bad.csv", "id,holder,countries,valid_from,valid_to\nL-3,A,DE,2026-01-01,yesterday\n")
          .string();
  const ProcessResult table = cli.run({"import", "--licences", bad});
  CHECK(table.exit_code == 65);
  CHECK(has(table.out, "WHERE"));
  CHECK(has(table.out, bad + ":2  valid_to"));
  CHECK(table.err == "chiploc: nothing was imported: 1 fault(s); mend the files and import again\n");
  const ProcessResult faults = cli.run({"import", "--licences", bad, "-o", "json"});
  CHECK(faults.exit_code == 65);
  CHECK(json::parse(faults.out)["faults"][0]["field"] == "valid_to");
  CHECK(json::parse(faults.out)["faults"][0]["line"] == 2);
  CHECK(has(cli.run({"import", "--licences", bad, "-o", "csv"}).out,
            "file,line,field,problem\n" + bad + ",2,valid_to,"));
  CHECK(lines_of(cli.run({"import", "--licences", bad, "-o", "ndjson"}).out).size() == 1);

  for (const auto* format : {"csv", "ndjson"}) {
    const ProcessResult refused = cli.run({"import", "--licences", licences, "--dry-run", "-o", format});
    CHECK(refused.exit_code == 64);
    CHECK(has(refused.err, "use -o json"));
  }
  const std::string sea = folder
                              .write("sea.json", R"([{"name": "adrift", "countries": [], "geojson":
 {"type": "Polygon", "coordinates": [[[-121,-41],[-120,-41],[-120,-40],[-121,-40],[-121,-41]]]}}])")
                              .string();
  const ProcessResult warned = cli.run({"import", "--territories", sea, "-o", "csv"});
  CHECK(warned.exit_code == 0);
  CHECK(warned.out == "file,line,field,problem\n");
  CHECK(has(warned.err, "territory adrift  meets no land"));

  CHECK(cli.run({"import"}).exit_code == 64);
  CHECK(cli.run({"import", "--chips", "chips.xml"}).exit_code == 64);
  CHECK(cli.run({"import", "--chips", "no-such-file.csv"}).exit_code == 66);
  const ProcessResult both = cli.run({"import", "--chips", "no-such-file.csv", "--anchors", "a.xml"});
  CHECK(has(both.err, "no-such-file.csv: cannot be read"));
  CHECK(has(both.err, "a.xml: neither .csv nor .json"));
}

TEST_CASE("chiploc import: every change is listed, and a hall has a size", "[cli][program][import]") {
  Cli cli;
  const TempDir& folder = cli.world.folder;
  std::string many = "id,holder,countries,valid_from,valid_to\n";
  std::string longer = many;
  for (int i = 0; i < 150; ++i) {
    const std::string row = "M-" + std::to_string(i) + ",H,DE,2026-01-01,2026-";
    many += row + "06-30\n";
    longer += row + "12-31\n";
  }
  CHECK(cli.run({"import", "--licences", folder.write("many.csv", many).string()}).exit_code == 0);
  const std::string changed = folder.write("longer.csv", longer).string();
  const json told = json::parse(cli.out({"import", "--licences", changed, "--dry-run", "-o", "json"}));
  CHECK(told["changes"].size() == 150);
  CHECK(told["changes_left_out"] == 0);
  const std::string table = cli.out({"import", "--licences", changed, "--dry-run"});
  CHECK(has(table, "licence M-149  valid_to  2026-06-30  2026-12-31\n"));
  CHECK_FALSE(has(table, " more"));
  const std::string hall = folder
                               .write("hall.json", R"([{"name": "hall", "countries": [], "geojson":
 {"type": "Polygon", "coordinates": [[[8.61,50.07],[8.611,50.07],[8.611,50.071],[8.61,50.071],[8.61,50.07]]]}}])")
                               .string();
  CHECK(cli.run({"import", "--territories", hall}).exit_code == 0);
  CHECK(has(cli.out({"licence", "list"}), "territory hall: 0.00796 km2\n"));
}

TEST_CASE("chiploc verify: the exit code is the verdict", "[cli][program][verify]") {
  Cli cli;
  cli.world.import({kChipA});
  const std::pair<v1::VerdictState, int> codes[] = {
      {v1::VERIFIED, 0},    {v1::CLEARED, 10}, {v1::UNRESOLVED, 11}, {v1::OUTSIDE, 12},
      {v1::PROHIBITED, 13}, {v1::SILENT, 14},  {v1::INVALID, 15}};
  for (const auto& [state, code] : codes) {
    cli.world.rounds().states[kChipA] = state;
    const ProcessResult result = cli.run({"verify", "SN-0"});
    CHECK(result.exit_code == code);
    CHECK(has(result.out, "  " + v1::VerdictState_Name(state) + ": "));
    CHECK(result.err.rfind("waits for the chip's knock until ", 0) == 0);
    CHECK(has(result.err, " at the latest (61 s): it knocks about every 25 s\n"));
  }
}

TEST_CASE("chiploc verify: the verdict goes to output, progress to error, or both as ndjson",
          "[cli][program][verify]") {
  Cli cli;
  cli.world.import({kChipA});
  const ProcessResult watched = cli.run({"verify", "SN-0", "--watch", "--deadline", "20"});
  CHECK(watched.exit_code == 0);
  CHECK(watched.err ==
        "round a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0: 2 anchors\n"
        "waits up to 61 s for the chip's knock: it knocks about every 25 s\n"
        "fra1: pinging, 3 of 4 pings answered, rtt min 3.210 ms\n"
        "par1: absent, 0 of 0 pings answered, rtt min - ms\n");
  CHECK(cli.world.rounds().last_deadline.count() == 20'000);
  CHECK(
      watched.out ==
      "chip aaaa1000000000000000000000000000  VERIFIED: proved to be inside the licensed territory\n"
      "serial SN-0  licence L-1 of M\xC3\xBCller, Sons\n"
      "\nReasons\n"
      "  inside_licensed The region lies inside DE.\n"
      "\nProved\n"
      "  speed       nothing is faster than 299,792 km/s (vacuum)\n"
      "  faults      holds with any 1 perspective(s) wrong; the most it can bear is 2\n"
      "  region      within 481.2 km of 50.000 N 8.000 E\n"
      "  countries   DE met by the region\n"
      "  licensed    DE\n"
      "  prohibited  KP\n"
      "  margin      at least 12.5 km to the nearest land that would change this\n"
      "  excluded    KP (at least 1,234 km away)\n"
      "  may be in   RU: not excluded, the region holds places there\n"
      "  hinges on   fra1\n"
      "\nSuggested, not proved\n"
      "  likely      DE 71.5 %, FR 20.0 %, BE 5.0 %, NL 2.0 % and 1 more\n"
      "  place       50.250 N 8.000 E, 95 % within 140 km of it\n"
      "  extra delay 3.5 ms beyond what such places see, the same from all anchors\n"
      "  relay       behind one of 20 ms the round trips look more ordinary (score 2.1; honest chips rarely "
      "pass 2)\n"
      "  method      m1\n"
      "  fit         50.500 N 8.250 E, nearest country DE\n"
      "  uncertainty 1 sd: 30.0 km east, 20.0 km north, correlation 0.25\n"
      "  delay       common to all anchors, as a distance: 80.0 km\n"
      "  calibration c1\n"
      "\nWould resolve it\n"
      "  - an anchor within 200 km of 50 N 8 E\n"
      "\nAnchors\n"
      "  ANCHOR  RTT MIN MS  BOUND KM  SAMPLES  COUNTED                      SOURCE  USED\n"
      "  fra1         3.210     481.2        3  #2, least 3.190, next 3.300  kernel  yes\n"
      "  par1             -         -        0  -                                    no: no answer\n"
      "\nRecord\n"
      "  decided     2026-09-21 14:13:20Z\n"
      "  expires     2100-01-01 00:00:00Z\n"
      "  verdict     e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0\n"
      "  round       a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0\n"
      "  versions    software 0.1.0, borders b1, policy p1\n");

  const auto events = lines_of(cli.run({"verify", "SN-0", "--watch", "-o", "ndjson"}).out);
  REQUIRE(events.size() == 4);
  CHECK(events[0] == json{{"event", "started"},
                          {"round_id", "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"},
                          {"anchors", {"fra1", "par1"}},
                          {"knock_wait_ms", 61000},
                          {"knock_note", "it knocks about every 25 s"}});
  CHECK(events[1]["rtt_min_ns"] == 3'210'000);
  CHECK(events[2]["rtt_min_ns"].is_null());
  CHECK(events[3]["verdict"]["state"] == "VERIFIED");
  CHECK(json::parse(cli.run({"verify", "SN-0", "-o", "json"}).out)["speed_name"] == "vacuum");
  CHECK(has(cli.run({"verify", "SN-0", "-o", "csv"}).out, "\n2026-09-21T14:16:20.000Z,"));
  CHECK(json::parse(cli.run({"verify", "SN-0", "-o", "geojson"}).out)["type"] == "FeatureCollection");

  cli.world.rounds().refuse = RoundFault::kAlreadyRunning;
  const ProcessResult refused = cli.run({"verify", "SN-0"});
  CHECK(refused.exit_code == 69);
  CHECK(has(refused.err,
            "a round of this chip is running already; wait for its verdict with: chiploc verdict "
            "list --chip SN-0\n"));
  cli.world.rounds().refuse = RoundFault::kShuttingDown;
  CHECK(cli.run({"verify", "SN-0"}).err ==
        "chiploc: chiplocd is shutting down; try again when it has restarted\n");
  cli.world.rounds().refuse = RoundFault::kIntentNotRecorded;
  CHECK(cli.run({"verify", "SN-0"}).exit_code == 70);
  CHECK(cli.run({"verify", "SN-0", "--deadline", "0.5"}).exit_code == 64);
  const ProcessResult nan = cli.run({"verify", "SN-0", "--deadline", "nan"});
  CHECK(nan.exit_code == 64);
  CHECK(has(nan.err, "nan is no number"));
}

TEST_CASE("chiploc verdict: list, show and map", "[cli][program]") {
  Cli cli;
  cli.world.import({kChipA, kChipB});
  cli.world.rounds().states[kChipB] = v1::OUTSIDE;
  cli.world.play_round(kChipA);
  cli.world.play_round(kChipB);
  CHECK(cli.out({"verdict", "list"}) ==
        "DECIDED               VERDICT                           CHIP                              STATE     "
        "REASONS          COUNTRIES  EXPIRES\n"
        "2026-09-21 14:14:20Z  e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1  aaaa2000000000000000000000000000  OUTSIDE   "
        "inside_licensed  DE         2100-01-01 00:00:00Z\n"
        "2026-09-21 14:13:20Z  e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0  aaaa1000000000000000000000000000  VERIFIED  "
        "inside_licensed  DE         2100-01-01 00:00:00Z\n");
  CHECK(has(
      cli.out({"verdict", "list", "--state", "OUTSIDE", "-o", "csv"}),
      "\n2026-09-21T14:14:20.000Z,e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1,aaaa2000000000000000000000000000,OUTSIDE,"
      "inside_licensed,DE,2100-01-01T00:00:00.000Z,false\n"));
  CHECK(json::parse(cli.out({"verdict", "list", "--chip", "SN-0", "-o", "json"})).size() == 1);
  CHECK(lines_of(cli.run({"verdict", "list", "--limit", "1", "-o", "ndjson"}).out).size() == 1);
  CHECK(json::parse(cli.out({"verdict", "list", "--limit", "0", "-o", "json"})).size() == 2);

  const json verdict = json::parse(cli.out({"verdict", "show", "e1e1", "-o", "json"}));
  CHECK(verdict["region"]["radius_km"] == 481.2);
  CHECK(verdict["region"]["geometry"]["type"] == "MultiPolygon");
  CHECK(verdict["anchors"][0]["rtt_min_ns"] == 3'210'000);
  CHECK(verdict["anchors"][0]["counted_sequence"] == 2);
  CHECK(verdict["anchors"][0]["rtt_least_ns"] == 3'190'000);
  CHECK(verdict["anchors"][0]["rtt_next_ns"] == 3'300'000);
  CHECK(verdict["anchors"][1]["rtt_min_ns"].is_null());
  CHECK(has(cli.out({"verdict", "show", "SN-1"}), "OUTSIDE: proved to be outside the licensed territory"));
  CHECK(has(cli.out({"verdict", "show", "e1e1", "-o", "csv"}), "decided_at,verdict_id,"));
  CHECK(lines_of(cli.out({"verdict", "show", "e1e1", "-o", "ndjson"})).size() == 1);
  const json map = json::parse(cli.out({"verdict", "map", "e1e1"}));
  CHECK(map["features"].size() == 6);
  CHECK(json::parse(cli.out({"verdict", "show", "e1e1", "-o", "geojson"})) == map);
  const std::string file = (cli.world.folder / "map.geojson").string();
  CHECK(cli.out({"verdict", "map", "e1e1", "--out", file}).empty());
  CHECK(json::parse(read_file(file)) == map);
}

TEST_CASE("chiploc verdict map: a picture in each form, whole or not at all", "[cli][program]") {
  Cli cli;
  cli.world.import({kChipA});
  cli.world.play_round(kChipA);
  const auto path = [&](const char* name) { return (cli.world.folder / name).string(); };
  CHECK(cli.out({"verdict", "map", "SN-0", "--svg", path("v.svg"), "--html", path("v.html"), "--png",
                 path("v.png"), "--out", path("v.geojson")})
            .empty());
  const std::string svg = read_file(path("v.svg"));
  CHECK(svg.rfind("<svg ", 0) == 0);
  for (const char* part :
       {"VERIFIED", "SN-0", "class=\"region ", "class=\"anchor ", "class=\"land licensed "}) {
    CAPTURE(part);
    CHECK(has(svg, part));
  }
  CHECK(read_file(path("v.html")).rfind("<!doctype html>", 0) == 0);
  const std::string light = read_file(path("v.png"));
  CHECK(light.rfind("\x89PNG\r\n", 0) == 0);
  CHECK(json::parse(read_file(path("v.geojson"))).at("features").size() == 6);
  CHECK(cli.out({"verdict", "map", "SN-0", "--png", path("v.png"), "--theme", "dark"}).empty());
  CHECK(read_file(path("v.png")) != light);

  CHECK(cli.run({"verdict", "map", "SN-0", "--png", path("v.png"), "--theme", "blue"}).exit_code == 64);
  CHECK(cli.run({"verdict", "map", "SN-0", "--theme", "dark"}).exit_code == 64);  // a theme of nothing
  const ProcessResult nowhere = cli.run({"verdict", "map", "SN-0", "--svg", path("no/such/folder.svg")});
  CHECK(nowhere.exit_code == 64);
  CHECK(has(nowhere.err,
            "no/such/folder.svg: cannot be written: No such file or directory; name another file"));
  const ProcessResult full = cli.run({"verdict", "map", "SN-0", "--svg", "/dev/full"});
  CHECK(full.exit_code == 64);
  CHECK(has(full.err, "/dev/full: cannot be written: No space left on device"));
}

TEST_CASE("chiploc verdict show --evidence: every signed thing is a file of its own",
          "[cli][program][evidence]") {
  Cli cli;
  cli.world.import({kChipA});
  cli.world.play_round(kChipA);
  const auto folder = cli.world.folder / "evidence";
  const ProcessResult result =
      cli.run({"verdict", "show", "SN-0", "--evidence", folder.string(), "-o", "ndjson"});
  REQUIRE(result.exit_code == 0);
  CHECK(result.err == "evidence: 13 files in " + folder.string() + "\n");
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  CHECK(names == std::vector<std::string>{"anchor-fra1.pub.pem", "anchor-par1.pub.pem", "close-order.bin",
                                          "coordinator.pub.pem", "device.pem", "intent.json",
                                          "report-00-fra1.body", "report-00-fra1.sig", "statement.cose",
                                          "ticket-00.bin", "transcript-00-fra1-2.bin",
                                          "transcript-00-fra1.bin", "verdict.json"});
  CHECK(read_file(folder / "close-order.bin") == "close order");
  CHECK(read_file(folder / "statement.cose") == "statement");
  CHECK(read_file(folder / "ticket-00.bin").size() == 220);
  CHECK(read_file(folder / "report-00-fra1.sig") == std::string(64, 's'));
  CHECK(read_file(folder / "transcript-00-fra1-2.bin") == "second transcript");
  CHECK(json::parse(read_file(folder / "intent.json"))["requested_by"] == "alice");
  CHECK(json::parse(read_file(folder / "intent.json"))["certificate_standing"] == "good");
  CHECK(json::parse(read_file(folder / "verdict.json"))["state"] == "VERIFIED");
  const ProcessResult key = run_process(
      {"openssl", "pkey", "-pubin", "-noout", "-text", "-in", (folder / "anchor-fra1.pub.pem").string()}, {});
  CHECK(has(key.out, "ED25519 Public-Key"));
  const ProcessResult device =
      run_process({"openssl", "x509", "-noout", "-subject", "-in", (folder / "device.pem").string()}, {});
  CHECK(has(device.out, kChipA));
  // The folder is never written to twice.
  CHECK(cli.run({"verdict", "show", "SN-0", "--evidence", folder.string()}).exit_code == 64);
}

TEST_CASE("chiploc verdict replay: says why a round of before cannot be judged again", "[cli][program]") {
  Cli cli;
  cli.world.import({kChipA});
  cli.world.play_round(kChipA);  // its store has no contexts yet
  const ProcessResult replay = cli.run({"verdict", "replay", kChipA});
  CHECK(replay.exit_code == 17);
  CHECK(has(replay.out, "cannot be judged again: the round is of before contexts were stored"));
  const ProcessResult object = cli.run({"verdict", "replay", kChipA, "-o", "json"});
  CHECK(object.exit_code == 17);
  CHECK(json::parse(object.out)["outcome"] == "cannot_be_judged");
  CHECK(cli.run({"verdict", "replay", kChipA, "--policy", "/nowhere.toml"}).exit_code == 66);
  const auto policy = cli.world.folder.write("other.toml", "[policy]\nspeed = \"warp\"\n").string();
  const ProcessResult faulty = cli.run({"verdict", "replay", kChipA, "--policy", policy});
  CHECK(faulty.exit_code == 78);
  CHECK(has(faulty.err, "other.toml:2: policy.speed"));
  CHECK(cli.run({"verdict", "replay", "ffff0000"}).exit_code == 66);
  const std::string reader = cli.person("reader", cli.world.reader);
  CHECK(cli.run({"--config", reader, "verdict", "replay", kChipA}).exit_code == 77);
}

TEST_CASE("chiploc: a reader sees verdicts without places and is refused the rest", "[cli][program][roles]") {
  Cli cli;
  cli.world.import({kChipA});
  cli.world.play_round(kChipA);
  cli.config = cli.person("reader", cli.world.reader);
  const std::string shown = cli.out({"verdict", "show", "SN-0"});
  CHECK(has(shown, "VERIFIED"));
  CHECK(has(shown, "Places, estimate and anchors are shown to auditors and admins."));
  CHECK_FALSE(has(shown, "fra1"));
  CHECK_FALSE(has(shown, "50."));
  const ProcessResult verify = cli.run({"verify", "SN-0"});
  CHECK(verify.exit_code == 77);
  CHECK(
      verify.err ==
      "chiploc: the role reader may not start a round; use a verifier's, an admin's or an analyst's certificate\n");
  CHECK(cli.run({"verdict", "map", "SN-0"}).exit_code == 77);
  CHECK(cli.run({"verdict", "show", "SN-0", "--evidence", (cli.world.folder / "e").string()}).exit_code ==
        77);
  cli.config = cli.person("anchor", cli.world.anchor);
  CHECK(cli.run({"chip", "list"}).exit_code == 78);  // no person's certificate: nobody is asked
}

}  // namespace
}  // namespace chiploc::test
