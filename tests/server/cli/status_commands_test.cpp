// What chips are held for, asked and said as a person does.
#include "tests/server/cli/cli_world.hpp"

namespace chiploc::test {
namespace {

/// Three chips, SN-0 to SN-2: compliant, drifted by two rounds, and never measured. The world's time is 2026-09-21 14:13:20Z;
/// each round is a minute later.
struct StatusCli : Cli {
  StatusCli() {
    world.import({kChipA, kChipB, kChipC});
    world.play_round(kChipA);
    world.rounds().states[kChipB] = v1::OUTSIDE;
    world.play_round(kChipB);
    world.play_round(kChipB);
  }
  /// "SN-0 compliant": what a list of statuses has, by ndjson.
  [[nodiscard]] std::vector<std::string> listed(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"-o", "ndjson"});
    const ProcessResult result = run(arguments);
    INFO(result.err);
    CHECK(result.exit_code == 0);
    std::vector<std::string> out;
    for (const json& row : lines_of(result.out))
      out.push_back(row["serial"].get<std::string>() + " " +
                    (row.contains("state") ? row["state"] : row["to"]).get<std::string>());
    return out;
  }
};

using Texts = std::vector<std::string>;
constexpr std::chrono::hours kThreeDays{72};

TEST_CASE("chiploc chip status: a list in every format, filtered and cut", "[cli][program][status]") {
  const StatusCli cli;
  CHECK(cli.out({"chip", "status"}) ==
        "CHIP                              SERIAL  LICENCE  STATUS     SINCE                 NEXT\n" +
            kChipA + "  SN-0    L-1      compliant  2026-09-21 14:13:20Z  overdue 2100-01-01 00:00:00Z\n" +
            kChipB + "  SN-1    L-2      drifted    2026-09-21 14:15:20Z  -\n" + kChipC +
            "  SN-2    L-1      pending    2026-09-21 14:13:20Z  overdue 2026-09-24 14:13:20Z\n");
  CHECK(cli.listed({"chip", "status"}) == Texts{"SN-0 compliant", "SN-1 drifted", "SN-2 pending"});
  CHECK(cli.listed({"chip", "status", "--state", "Drifted,pending"}) ==
        Texts{"SN-1 drifted", "SN-2 pending"});
  CHECK(cli.listed({"chip", "status", "--licence", "l-1"}) == Texts{"SN-0 compliant", "SN-2 pending"});
  CHECK(cli.listed({"chip", "status", "--holder", "example sa"}) == Texts{"SN-1 drifted"});
  CHECK(cli.listed({"chip", "status", "--since", "2026-09-21T14:15"}) == Texts{"SN-1 drifted"});
  CHECK(cli.listed({"chip", "status", "--due", "2026-12-24"}) == Texts{"SN-2 pending"});
  const ProcessResult cut = cli.run({"chip", "status", "--limit", "2"});
  CHECK(cut.err == "showing 2 of 3; --limit 0 shows all\n");
  CHECK(cli.run({"chip", "status", "--limit", "3"}).err.empty());
  CHECK(cli.out({"chip", "status", "--state", "tampered"}) == "no such chips\n");
  CHECK(has(cli.out({"chip", "status", "-o", "csv"}),
            "chip_id,device_id,serial,licence,state,since,next_at,next,in_dispute,rests_on,why,ended_by\n" +
                kChipA + "," + kChipA +
                ",SN-0,L-1,compliant,2026-09-21T14:13:20.000Z,2100-01-01T00:00:00.000Z,overdue,,"));
  const json rows = json::parse(cli.out({"chip", "status", "-o", "json"}));
  REQUIRE(rows.size() == 3);
  CHECK(rows[1]["rests_on"].size() == 2);
  CHECK(rows[1]["why"] == "Proved outside its licence 2 times without a proof in between.");
  for (const Texts& wrong : {Texts{"--state", "green"}, Texts{"--since", "soon"}, Texts{"--due", "soon"}}) {
    Texts line{"chip", "status"};
    line.insert(line.end(), wrong.begin(), wrong.end());
    CHECK(cli.run(line).exit_code == 64);
  }
  CHECK(cli.run({"chip", "status", "--licence", "L-9"}).exit_code == 66);
}

TEST_CASE("chiploc chip status CHIP: why, on what it rests, what ends it, and what to do",
          "[cli][program][status]") {
  const StatusCli cli;
  const std::string text = cli.out({"chip", "status", "SN-1"});
  CHECK(has(text, "chip         " + kChipB +
                      "\nserial       SN-1\nlicence      L-2\n"
                      "status       drifted since 2026-09-21 14:15:20Z\n"
                      "why          Proved outside its licence 2 times without a proof in between.\n"
                      "rests on     verdict "));
  CHECK(has(
      text,
      "\nends         It ends when the chip is proved to be where it may be 2 times in a row, or a person "
      "lifts it in its case.\n"
      "to do        ask its operator where it is;"));
  const json record = json::parse(cli.out({"chip", "status", "sn-0", "-o", "json"}));
  CHECK(record["serial"] == "SN-0");
  CHECK(record["state"] == "compliant");
  CHECK(record["to_do"] == "nothing");
  CHECK(record["absences"].empty());
  CHECK(has(cli.out({"chip", "status", "SN-0", "-o", "csv"}), ",ended_by,to_do\n" + kChipA));
  CHECK(cli.run({"chip", "status", "SN-0", "--state", "pending"}).exit_code == 64);
  CHECK(cli.run({"chip", "status", "SN-9"}).exit_code == 66);
  // The same stands in what is said of the chip as a whole, and is counted in the coordinator's.
  CHECK(has(cli.out({"chip", "show", "SN-1"}), "\nstatus       drifted since 2026-09-21 14:15:20Z\n"));
  CHECK(json::parse(cli.out({"chip", "show", "SN-1", "-o", "json"}))["status"]["state"] == "drifted");
  CHECK(has(cli.out({"status"}), "status_drifted "));
  const json counts = json::parse(cli.out({"status", "-o", "json"}))["chips_by_status"];
  CHECK(counts["drifted"] == 1);
  CHECK(counts["compliant"] == 1);
  CHECK(counts["pending"] == 1);
  CHECK(counts["silent"] == 0);
  CHECK(json::parse(cli.out({"status", "-o", "json"}))["counters"]["status_failures"] == 0);
}

TEST_CASE("chiploc chip status CHIP: by which policy a verdict was decided that is in force no more",
          "[cli][program][status]") {
  const StatusCli cli;
  CHECK(json::parse(cli.out({"chip", "status", "SN-1", "-o", "json"}))["past_policies"].empty());
  CHECK_FALSE(has(cli.out({"chip", "show", "SN-0"}), "decided by"));
  const std::string file = cli.world.folder.write("other.toml", "[policy]\nfaults = 2\n").string();
  (void)cli.out({"policy", "activate", file, "--reason", "stricter"});
  // Of the one the latest verdict, of the other two, of which the coordinator is asked for the older one.
  CHECK(has(cli.out({"chip", "status", "SN-0"}), "\ndecided by   p1, which is not in force any more\nends "));
  for (const char* chip : {"SN-0", "SN-1"}) {
    CHECK(json::parse(cli.out({"chip", "status", chip, "-o", "json"}))["past_policies"] == json{"p1"});
    CHECK(json::parse(cli.out({"chip", "show", chip, "-o", "json"}))["status"]["past_policies"] ==
          json{"p1"});
    CHECK(has(cli.out({"chip", "show", chip}), "\ndecided by   p1, which is not in force any more\n"));
  }
  CHECK(json::parse(cli.out({"chip", "status", "SN-2", "-o", "json"}))["past_policies"].empty());
}

TEST_CASE("chiploc chip status, chip overdue: an entity is told what it can do itself",
          "[cli][program][status]") {
  StatusCli cli;
  const std::string admin = cli.config;
  cli.config = cli.person("rex", cli.world.example_registrar);
  CHECK(has(cli.out({"chip", "status", "SN-1"}), "\nto do        bring it back to where its licence has it"));
  CHECK(
      json::parse(cli.out({"chip", "status", "SN-1", "-o", "json"}))["to_do"].get<std::string>().starts_with(
          "bring it back"));
  CHECK(has(cli.out({"chip", "show", "SN-1"}), "\nto do        bring it back to where its licence has it"));
  cli.config = admin;
  CHECK(has(cli.out({"chip", "show", "SN-1"}), "\nto do        ask its operator where it is"));
}

TEST_CASE("chiploc chip overdue: who owes a proof, the longest first, and what to do",
          "[cli][program][status]") {
  StatusCli cli;
  CHECK(cli.out({"chip", "overdue"}) == "no chip owes a proof\n");
  cli.world.rounds().states[kChipA] = v1::UNRESOLVED;
  cli.world.play_round(kChipA);
  cli.world.tell_on(kWorldNow + kThreeDays);
  CHECK(cli.listed({"chip", "overdue"}) == Texts{"SN-2 overdue"});
  cli.world.tell_on(kWorldNow + 10 * kThreeDays);
  CHECK(cli.listed({"chip", "overdue"}) == Texts{"SN-2 overdue", "SN-0 overdue"});
  const std::string text = cli.out({"chip", "overdue"});
  CHECK(has(text, "TO DO\n"));
  CHECK(has(text, "have it measured: chiploc verify SN-2;"));
  CHECK(cli.listed({"chip", "overdue", "--licence", "L-2"}).empty());
  CHECK(cli.listed({"chip", "overdue", "--holder", "example sa"}).empty());
  const ProcessResult cut = cli.run({"chip", "overdue", "--limit", "1", "-o", "csv"});
  CHECK(cut.err == "showing 1 of 2; --limit 0 shows all\n");
  CHECK(has(cut.out, ",ended_by,to_do\n" + kChipC + ","));
}

TEST_CASE("chiploc chip history, chip changes: what became of chips, newest first",
          "[cli][program][status]") {
  StatusCli cli;
  cli.world.tell_on(kWorldNow + kThreeDays);
  CHECK(
      cli.out({"chip", "history", "SN-1"}) ==
      "AT                    FROM     TO       WHY\n"
      "2026-09-21 14:15:20Z  pending  drifted  Proved outside its licence 2 times without a proof in between.\n");
  CHECK(has(cli.out({"chip", "changes"}),
            "AT                    CHIP                              SERIAL  FROM     TO "));
  CHECK(cli.listed({"chip", "changes"}) == Texts{"SN-2 overdue", "SN-1 drifted", "SN-0 compliant"});
  CHECK(cli.listed({"chip", "changes", "--since", "2026-09-21T14:14"}) ==
        Texts{"SN-2 overdue", "SN-1 drifted"});
  CHECK(cli.listed({"chip", "changes", "--state", "compliant,overdue"}) ==
        Texts{"SN-2 overdue", "SN-0 compliant"});
  CHECK(cli.listed({"chip", "changes", "--licence", "L-2"}) == Texts{"SN-1 drifted"});
  CHECK(cli.listed({"chip", "history", "SN-0", "--state", "drifted"}).empty());
  CHECK(cli.out({"chip", "history", "SN-0", "--state", "drifted"}) == "its status has not changed\n");
  CHECK(cli.out({"chip", "changes", "--since", "2099-01-01"}) == "no changes\n");
  const ProcessResult cut = cli.run({"chip", "changes", "--limit", "2", "-o", "csv"});
  CHECK(cut.err == "showing 2 of 3; --limit 0 shows all\n");
  CHECK(has(cut.out,
            "at,chip_id,device_id,serial,licence,from,to,rests_on,why\n2026-09-24T14:13:20.000Z," + kChipC));
  const json rows = json::parse(cli.out({"chip", "history", "SN-1", "-o", "json"}));
  CHECK(rows[0]["rests_on"].size() == 2);
  CHECK(cli.run({"chip", "changes", "--since", "soon"}).exit_code == 64);
  CHECK(cli.run({"chip", "history", "SN-9"}).exit_code == 66);
}

TEST_CASE("chiploc chip absent, chip back: on record, all or none, and who may",
          "[cli][program][status][roles]") {
  StatusCli cli;
  const Texts absent{"chip",   "absent",  "SN-2",     "--until",      "2026-10-01",
                     "--kind", "Transit", "--reason", "moved, T-4711"};
  const std::string said = cli.out(absent);
  CHECK(
      has(said,
          "declared absent until 2026-10-01 00:00:00Z (transit), on record; when back: chiploc chip back\n"));
  CHECK(has(said, "SN-2    L-1      absent  2026-09-21 14:13:20Z  pending 2026-10-01 00:00:00Z\n"));
  CHECK(has(
      cli.out({"chip", "status", "SN-2"}),
      "absence      transit from 2026-09-21 14:13:20Z until 2026-10-01 00:00:00Z: moved, T-4711 (declared by "));
  const ProcessResult again = cli.run(absent);
  CHECK(again.exit_code == 69);
  CHECK(has(again.err,
            "chip SN-2 (" + kChipC +
                "): another absence is declared for a part of that time; end that one first; nothing was "
                "declared"));
  // A reader sees that, and for how long; who said so and why is for whom sees all.
  const std::string admin = cli.config;
  cli.config = cli.person("bob", cli.world.reader);
  const json seen = json::parse(cli.out({"chip", "status", "SN-2", "-o", "json"}));
  CHECK(seen["absences"][0]["kind"] == "transit");
  CHECK(seen["absences"][0]["reason"].is_null());
  CHECK(seen["absences"][0]["declared_by"].is_null());
  CHECK(cli.run(absent).exit_code == 77);
  CHECK(cli.run({"chip", "back", "SN-2"}).exit_code == 77);
  // A holder's registrar says it of their own chips.
  cli.config = cli.person("rex", cli.world.example_registrar);
  CHECK(cli.run({"chip", "back", "SN-2"}).exit_code == 66);
  CHECK(cli.run({"chip", "absent", "SN-1", "--until", "2026-10-01", "--kind", "storage", "--reason", "w"})
            .exit_code == 0);
  cli.config = cli.person("reg", cli.world.registrar);
  const json back = json::parse(cli.out({"chip", "back", "SN-2", "-o", "json"}));
  REQUIRE(back.size() == 1);
  CHECK(back[0]["state"] == "pending");
  CHECK(cli.run({"chip", "back", "SN-2"}).exit_code == 69);
  CHECK(has(cli.out({"chip", "absent", "--licence", "L-1", "--from", "2026-09-30", "--until", "2026-10-02",
                     "--kind", "maintenance", "--reason", "cooling"}),
            "SN-0 "));
  CHECK(has(cli.out({"chip", "back", "--licence", "L-1"}), "absences ended, on record\n"));
  cli.config = admin;
  CHECK(cli.listed({"chip", "history", "SN-2"}) == Texts{"SN-2 pending", "SN-2 absent"});
  const std::string looked_up = cli.out({"chip", "status", "SN-2"});
  CHECK(has(
      looked_up,
      "past absence transit from 2026-09-21 14:13:20Z until 2026-10-01 00:00:00Z: moved, T-4711 (declared by "));
  CHECK(has(looked_up, "; ended at 2026-09-21 14:13:20Z by "));
}

TEST_CASE("chiploc chip absent: what is missing or wrong is said in the words of its options",
          "[cli][program][status]") {
  const StatusCli cli;
  const auto said = [&](Texts line) {
    line.insert(line.begin(), {"chip", "absent"});
    const ProcessResult result = cli.run(line);
    CHECK(result.exit_code == 64);
    return result.err;
  };
  CHECK(has(said({"--until", "2026-10-01", "--kind", "transit", "--reason", "w"}),
            "name chips, or --licence, and not both"));
  CHECK(has(said({"SN-0", "--licence", "L-1", "--until", "2026-10-01", "--kind", "transit", "--reason", "w"}),
            "and not both"));
  CHECK(has(said({"SN-0", "--until", "soon", "--kind", "transit", "--reason", "w"}),
            "--until: \"soon\" is no time"));
  CHECK(has(said({"SN-0", "--from", "soon", "--until", "2026-10-01", "--kind", "transit", "--reason", "w"}),
            "--from: \"soon\" is no time"));
  CHECK(has(said({"SN-0", "--kind", "transit", "--reason", "w"}), "--until"));
  CHECK(has(said({"SN-0", "--until", "2026-10-01", "--reason", "w"}), "--kind"));
  CHECK(has(said({"SN-0", "--until", "2026-10-01", "--kind", "holiday", "--reason", "w"}), "--kind"));
  CHECK(has(said({"SN-0", "--until", "2026-10-01", "--kind", "transit"}), "--reason"));
  CHECK(has(said({"SN-0", "--until", "2026-10-01", "--kind", "transit", "--reason", " "}), "reason: "));
  const Texts back{"chip", "back"};
  CHECK(cli.run(back).exit_code == 64);
}

}  // namespace
}  // namespace chiploc::test
