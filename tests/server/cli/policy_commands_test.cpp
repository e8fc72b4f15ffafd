// chiploc policy, as a program.
#include "server/policy/policy_file.hpp"
#include "server/service/json_view.hpp"
#include "tests/server/cli/cli_world.hpp"
#include "tests/server/service/kept_round.hpp"

namespace chiploc::test {
namespace {

/// A chip of L-1 that one anchor measured: proved by no budget, unless none is set.
StoredRoundMaker one_anchor_round(const std::string& chip) {
  RoundMaker maker;
  maker.chip = ChipId::from_hex_text(chip).value();
  maker.add_anchor("bru", {.lat = 50.9, .lon = 4.4});
  StoredRoundMaker out{std::move(maker)};
  out.posterior_left_out = true;
  out.claim = {.licence = "L-1", .licensed = {}, .prohibited = {CountryCode::from_text("RU").value()}};
  out.claim.licensed_areas.push_back(out.draw(
      "low countries", R"({"type":"Polygon","coordinates":[[[0,48],[9,48],[9,54],[0,54],[0,48]]]})"));
  return out;
}

struct PolicyCli : Cli {
  void keep_round(const std::string& chip, WallTime decided) {
    StoredRoundMaker made = one_anchor_round(chip);
    const StoredRound round = made.store(made.maker.make({.lat = 50.85, .lon = 4.35}));
    world.store([&](Store& store) { keep(store, made, round, VerdictRecord::kRecord, decided); });
  }
  [[nodiscard]] std::string file(const std::string& name, const std::string& text) const {
    return world.folder.write(name, text).string();
  }
};

TEST_CASE("chiploc policy: the one in force is a file, and every other is held against it",
          "[cli][program]") {
  PolicyCli cli;
  const std::string shown = cli.out({"policy", "show"});
  CHECK(parse_policy(shown, "shown").faults.empty());
  CHECK(has(shown, "# sha256 "));
  const std::string own = cli.file("own.toml", shown);
  CHECK(cli.out({"policy", "diff", own}) == "they decide alike\n");
  const json object = json::parse(cli.out({"policy", "show", "-o", "json"}));
  CHECK(parse_policy(object["policy"].get<std::string>(), "p").faults.empty());
  const std::string other = cli.file("other.toml", "# stricter\n[policy]\nfaults = 3\nspeed = \"fibre\"\n");
  const std::string told = cli.out({"policy", "diff", other});
  CHECK(has(told, "speed vacuum -> fibre\n"));
  CHECK(has(told, " -> 3\n"));
  const json differences = json::parse(cli.out({"policy", "diff", other, "-o", "json"}));
  CHECK(differences["differences"][0] == "speed vacuum -> fibre");
  CHECK(differences["in_force_sha256"] == object["sha256"]);
  const std::string reader = cli.person("reader", cli.world.reader);
  CHECK(cli.run({"--config", reader, "policy", "show"}).exit_code == 0);
}

TEST_CASE("chiploc policy activate: in force at once, for admins, and on record", "[cli][program]") {
  PolicyCli cli;
  CHECK(has(cli.out({"policy", "list"}), "none: the [policy] of chiplocd.toml is in force"));
  CHECK(has(cli.out({"policy", "show"}), "# as chiplocd.toml has it\n"));
  const std::string text = "# after the audit\n[policy]\nfaults = 2\n";
  const std::string file = cli.file("strict.toml", text);
  CHECK(cli.run({"policy", "activate", file}).exit_code == 64);  // without a reason
  CHECK(cli.run({"policy", "activate", file, "--reason", ""}).exit_code == 64);
  const std::string told = cli.out({"policy", "activate", file, "--reason", "ticket 4711"});
  CHECK(told == "policy 1 is in force: policy-2 vacuum faults=2 lifetime_s=86400\n  faults 1 -> 2\n");
  const std::string shown = cli.out({"policy", "show"});
  CHECK(has(shown, "# policy 1, in force since 2026-09-21 "));
  CHECK(has(shown, text));
  CHECK(json::parse(cli.out({"policy", "show", "-o", "json"}))["activated_at"] ==
        iso_time(kWorldNow.since_epoch.count()));
  CHECK(has(cli.out({"policy", "activate", file, "--reason", "once more"}),
            "  it decides as the one before it\n"));
  const json list = json::parse(cli.out({"policy", "list", "-o", "json"}));
  REQUIRE(list.size() == 2);
  CHECK(list[0]["number"] == 2);
  CHECK(list[1]["reason"] == "ticket 4711");
  CHECK(list[1]["policy"] == text);
  const std::string table = cli.out({"policy", "list"});
  CHECK(has(table, "ticket 4711"));
  CHECK(has(table, "once more    nothing\n"));
  CHECK(has(table, "ticket 4711  the first; chiplocd.toml before\n"));
  CHECK(cli.out({"policy", "list", "-o", "csv"})
            .starts_with("number,at,by,reason,differences,sha256,certificate_sha256\n2,"));
  const std::string auditor = cli.person("auditor", cli.world.auditor);
  CHECK(cli.run({"--config", auditor, "policy", "list"}).exit_code == 0);
  CHECK(cli.run({"--config", auditor, "policy", "activate", file, "--reason", "x"}).exit_code == 77);
  const ProcessResult measuring =
      cli.run({"policy", "activate", cli.file("m.toml", "[policy]\npings = 20\n"), "--reason", "x"});
  CHECK(measuring.exit_code == 78);
  CHECK(has(measuring.err, "m.toml:2: policy.pings: is about measuring"));
}

TEST_CASE("chiploc policy: every section is shown with where it comes from, and held against another",
          "[cli][program]") {
  PolicyCli cli;
  const std::string before = cli.out({"policy", "show"});
  CHECK(has(before, "\n# as chiplocd.toml has it\n[orders]\nhold_share_percent = 25\n"));
  const std::string text = "[policy]\nfaults = 1\n[orders]\nhold_least = 5\n";
  const std::string file = cli.file("orders.toml", text);
  CHECK(cli.out({"policy", "diff", file}) == "orders.hold_least 3 -> 5\n");
  CHECK(has(cli.out({"policy", "check", file}), "leaves [scheduler] to chiplocd.toml\n"));
  const std::string told = cli.out({"policy", "activate", file, "--reason", "ticket 4712"});
  CHECK(has(told, "  orders.hold_least 3 -> 5\n  [orders] of the policy now\n"));
  const std::string shown = cli.out({"policy", "show"});
  CHECK(has(shown, text + "\n# as chiplocd.toml has it\n[scheduler]\n"));
  CHECK_FALSE(has(shown, "# as chiplocd.toml has it\n[orders]"));
  CHECK(json::parse(cli.out({"policy", "show", "-o", "json"}))["sections"]["orders"]["of"] == "policy");
  // What is shown is the whole of it: to activate that changes nothing today.
  CHECK(cli.out({"policy", "diff", cli.file("whole.toml", shown)}) == "they decide alike\n");
  CHECK(cli.out({"policy", "diff", cli.file("less.toml", "[policy]\n")}) == "orders.hold_least 5 -> 3\n");
  CHECK(cli.run({"policy", "activate", cli.file("none.toml", "[orders]\n"), "--reason", "x"}).exit_code ==
        78);
}

TEST_CASE("chiploc policy check: says all that is wrong with a file, and asks nobody", "[cli][program]") {
  const TempDir folder;
  const auto run = [&](const std::string& text) {
    const auto file = folder.write("p.toml", text).string();
    return run_process({chiploc_program(), "policy", "check", file}, {});
  };
  const ProcessResult good = run("[policy]\nfaults = 2\n");
  CHECK(good.exit_code == 0);
  CHECK(has(good.out, "p.toml is a policy: policy-2 vacuum faults=2"));
  CHECK(has(good.out,
            "\nsha256 " + to_hex(digest_of(parse_policy("[policy]\nfaults = 2\n", "").policy).bytes)));
  CHECK_FALSE(has(good.out, "accusation"));
  CHECK(has(run("[policy]\nfaults_to_clear = 2\nfaults_to_accuse = 3\n").out,
            "\nwrong perspectives that a verdict withstands: a clearance 2, an accusation 3\n"));
  const ProcessResult measured =
      run("[policy]\nfaults = 2\n[scheduler]\ncadence_s = 86400\n[status]\nconfirmations = 2\n");
  CHECK(has(measured.out, "false flags at most 0.001 a chip-year, standard tier: at most one verdict in "));
  const ProcessResult bad = run("[policy]\nfaults = -1\nspeed = \"warp\"\nfaulst = 2\n");
  CHECK(bad.exit_code == 78);
  CHECK(has(bad.err, "p.toml:2: policy.faults"));
  CHECK(has(bad.err, "p.toml:3: policy.speed"));
  CHECK(has(bad.err, "p.toml:4: policy.faulst"));
  CHECK(run_process({chiploc_program(), "policy", "check", "/nowhere.toml"}, {}).exit_code == 66);
  CHECK(run(std::string(70'000, '#')).exit_code == 64);
}

TEST_CASE("chiploc policy replay: counts by state, lists by chip, newest round first told",
          "[cli][program]") {
  PolicyCli cli;
  cli.world.import({kChipA, kChipB, kChipC});
  cli.keep_round(kChipA, kWorldNow - std::chrono::hours{50});
  cli.keep_round(kChipA, kWorldNow - std::chrono::hours{20});
  cli.keep_round(kChipB, kWorldNow - std::chrono::hours{10});
  cli.world.play_round(kChipC);  // stored as before contexts were
  const std::string none = cli.file("none.toml", "[policy]\nfaults = 0\n");
  const std::string table = cli.out({"policy", "replay", none});
  CHECK(has(table, "3 rounds by policy-2 vacuum faults=0"));
  CHECK(has(table, ": 3 would have another state\n"));
  CHECK(has(table, "UNRESOLVED  VERIFIED  "));
  CHECK(has(table, "1 more cannot be judged again: the round is of before contexts were stored\n"));
  CHECK(has(table, "inside_licence"));
  const json all = json::parse(cli.out({"policy", "replay", none, "-o", "json"}));
  CHECK(all["rounds"] == 3);
  CHECK(all["rounds_changed"] == 3);
  CHECK(all["chips_changed"] == 2);
  REQUIRE(all["chips"].size() == 2);
  CHECK(all["chips"][0]["chip_id"] == kChipA);
  CHECK(all["chips"][0]["rounds_changed"] == 2);
  CHECK(all["chips"][0]["serial"] == "SN-0");
  CHECK(all["chips"][0]["was"] == "UNRESOLVED");
  CHECK(all["chips"][0]["would_be"] == "VERIFIED");
  CHECK(all["chips"][0]["decided_at"] == iso_time((kWorldNow - std::chrono::hours{20}).since_epoch.count()));
  CHECK(all["moved"][0]["rounds"] == 3);
  CHECK(all["unjudged"][0]["rounds"] == 1);
  // One line a chip; and a list that is cut says so.
  const ProcessResult cut = cli.run({"policy", "replay", none, "--limit", "1", "-o", "csv"});
  CHECK(cut.exit_code == 0);
  CHECK(std::count(cut.out.begin(), cut.out.end(), '\n') == 2);
  CHECK(cut.out.starts_with("chip_id,serial,rounds_changed,was,would_be,"));
  CHECK(has(cut.err, "showing 1 of 2 chips; --limit 0 shows all"));
  // Chips of one licence; L-1 has A and C.
  CHECK(json::parse(cli.out({"policy", "replay", none, "--licence", "L-1", "-o", "json"}))["rounds"] == 2);
  const json late = json::parse(cli.out(
      {"policy", "replay", none, "--since",
       iso_time((kWorldNow - std::chrono::hours{21}).since_epoch.count()).substr(0, 19) + "Z", "--until",
       iso_time((kWorldNow - std::chrono::hours{11}).since_epoch.count()).substr(0, 19) + "Z", "-o",
       "json"}));
  CHECK(late["rounds"] == 1);
  const std::string same = cli.file("same.toml", "[policy]\n");
  CHECK(has(cli.out({"policy", "replay", same}), "no chip would have another state"));
}

TEST_CASE("chiploc policy replay: faults are told by place, and roles are kept", "[cli][program]") {
  PolicyCli cli;
  const std::string bad = cli.file("bad.toml", "[policy]\nspeed = \"warp\"\n");
  const ProcessResult faulty = cli.run({"policy", "replay", bad});
  CHECK(faulty.exit_code == 78);
  CHECK(has(faulty.err, "bad.toml:2: policy.speed"));
  CHECK(cli.run({"policy", "diff", bad}).exit_code == 78);
  const std::string good = cli.file("good.toml", "[policy]\n");
  CHECK(cli.run({"policy", "replay", good, "--since", "yesterday"}).exit_code == 64);
  CHECK(cli.run({"policy", "replay", good, "--licence", "L-77"}).exit_code == 66);
  CHECK(cli.run({"policy", "replay", "/nowhere.toml"}).exit_code == 66);
  const std::string reader = cli.person("reader", cli.world.reader);
  CHECK(cli.run({"--config", reader, "policy", "replay", good}).exit_code == 77);
}

}  // namespace
}  // namespace chiploc::test
