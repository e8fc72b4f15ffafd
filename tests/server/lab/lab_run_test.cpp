#include "server/lab/lab_run.hpp"

#include <fstream>
#include <iterator>

#include "tests/support/catch.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/told.hpp"

namespace chiploc {
namespace {

TEST_CASE("lab check: seeds are a number, or a range", "[sim][lab]") {
  const auto is = [](const char* text, std::uint64_t first, std::uint64_t last) {
    const auto seeds = seeds_of(text);
    return seeds && seeds->first == first && seeds->last == last;
  };
  CHECK(is("1", 1, 1));
  CHECK(is("20", 1, 20));
  CHECK(is("7..9", 7, 9));
  CHECK(is("0..0", 0, 0));
  CHECK(is("10000", 1, 10'000));
  for (const char* wrong : {"", "0", "x", "3x", "-1", "..", "3..", "..3", "9..7", "1..2..3", "10001",
                            "1 .. 2", "99999999999999999999"}) {
    CAPTURE(wrong);
    CHECK_FALSE(seeds_of(wrong).has_value());
  }
}

TEST_CASE("lab: a network that is a path model is for simulated time, and says so", "[sim][lab]") {
  const TempDir folder;
  std::ifstream small{source_dir() / "deploy/lab/small.toml"};
  const std::string text{std::istreambuf_iterator<char>{small}, {}};
  LabArguments arguments;
  arguments.file = folder.write("lab.toml", text + "[network]\nmodel = \"parametric\"\n").string();
  const test::Told up = test::told([&] { return run_up(arguments); });
  arguments.seeds = "1..2";
  const test::Told check = test::told([&] { return run_check(arguments); });
  CHECK(up.code == kLabUsage);
  CHECK(check.code == kLabUsage);
  const std::string said =
      "chiploc lab: " + arguments.file +
      ": network.model = \"parametric\" is for simulated time; use chiploc lab check --simulated\n";
  CHECK(up.err == said);
  CHECK(check.err == said);
  CHECK(up.out + check.out == "");
}

TEST_CASE(
    "lab: clocks of anchors, exits of proxies and many chips are for simulated time, at once or by an event",
    "[sim][lab]") {
  const TempDir folder;
  std::ifstream small{source_dir() / "deploy/lab/small.toml"};
  const std::string text{std::istreambuf_iterator<char>{small}, {}};
  const std::string relayed = "behaviour = \"relayed\"\n", exits = "exits = [\"Barueri\"]\n",
                    rounds = "[[round]]\nat = \"5s\"\n[[event]]\nat = \"1s\"\n";
  const std::pair<std::string, std::string> kinds[]{
      {rounds + "anchor = \"fra1\"\ndrift_ppm = 5\n", "clocks of anchors are simulated"},
      {"[[chip]]\nserial = \"X\"\nlicence = \"L-AU\"\nsite = \"Parramatta\"\nat = \"Barueri\"\n" + relayed +
           exits,
       "exits of proxies are simulated"},
      {rounds + "chip = \"SMALL-2\"\nplace = \"Wollongong\"\n" + relayed + exits,
       "exits of proxies are simulated"},
      {"[[order]]\nid = \"X\"\nlicence = \"L-AU\"\nsite = \"Parramatta\"\nchips = 1000\n",
       "it has 1004 chips, and real programs are one for each, 1000 at most"}};
  for (const auto& [more, why] : kinds) {
    LabArguments arguments;
    std::string whole = text;
    if (more.find("[[round]]") == 0) {  // it has a number of rounds, or rounds at stated times
      const auto at = whole.find("\nrounds = ");
      if (at != std::string::npos) whole.erase(at + 1, whole.find('\n', at + 1) - at);
    }
    arguments.file = folder.write("lab.toml", whole + more).string();
    const test::Told up = test::told([&] { return run_up(arguments); });
    INFO(up.err);
    CHECK(up.code == kLabUsage);
    CHECK(up.err.find("chiploc lab: " + arguments.file + ": " + why) == 0);
    CHECK(up.err.find("use chiploc lab check --simulated\n") != std::string::npos);
    CHECK(up.out.empty());
  }
}

}  // namespace
}  // namespace chiploc
