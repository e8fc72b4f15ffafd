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

}  // namespace
}  // namespace chiploc
