#include "server/lab/lab_run.hpp"

#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "tests/support/catch.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/temp_dir.hpp"

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
  std::ostringstream out, err;
  std::streambuf* const real_out = std::cout.rdbuf(out.rdbuf());
  std::streambuf* const real_err = std::cerr.rdbuf(err.rdbuf());
  const int up = run_up(arguments);
  arguments.seeds = "1..2";
  const int check = run_check(arguments);
  std::cout.rdbuf(real_out);
  std::cerr.rdbuf(real_err);
  CHECK(up == kLabUsage);
  CHECK(check == kLabUsage);
  const std::string said =
      "chiploc lab: " + arguments.file +
      ": network.model = \"parametric\" is for simulated time; use chiploc lab check --simulated\n";
  CHECK(err.str() == said + said);
  CHECK(out.str().empty());
}

}  // namespace
}  // namespace chiploc
