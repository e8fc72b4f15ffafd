#include "server/eval/others_files.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::test::others_files_test {
namespace {

TEST_CASE("others files: who measured is the file's name, unless somebody says so", "[eval][others]") {
  CHECK(source_of_file("/x/fra1.example.net.log") == "fra1.example.net");
  CHECK(source_of_file("fra1.example.net") == "fra1.example.net");
  CHECK(source_of_file(".log") == ".log");
  const TempDir folder;
  const std::string a = folder.write("a.log", "A").string();
  const std::string odd = folder.write("x=y.log", "B").string();
  OthersArguments arguments;
  arguments.inputs = {a, "fra1=" + a, odd};
  arguments.nodes = a;
  arguments.probes = {odd};
  arguments.format = "ping";
  const auto input = load_others(arguments);
  REQUIRE(input.has_value());
  CHECK(input->files[0].source == "a");
  CHECK(input->files[1].source == "fra1");
  CHECK(input->files[1].name == a);
  CHECK(input->files[2].text == "B");
  CHECK(input->nodes->text == "A");
  CHECK(input->probes[0].text == "B");
  CHECK(input->format == OthersFormat::kPing);
  CHECK(arguments.any());
  CHECK(!OthersArguments{}.any());
}

TEST_CASE("others files: what cannot be read, and what is too much", "[eval][others]") {
  const TempDir folder;
  const std::string a = folder.write("a.log", "12345").string();
  const auto fault = [&](OthersArguments arguments, const RttLimits& limits = {}) {
    const auto input = load_others(arguments, limits);
    REQUIRE(!input.has_value());
    return std::to_string(static_cast<int>(input.error().code)) + " " + input.error().lines.front();
  };
  OthersArguments arguments;
  arguments.inputs = {a + "x"};
  CHECK(fault(arguments) == "66 " + a + "x: cannot be read; name a file that is there");
  arguments.inputs = {folder.path().string()};
  CHECK_THAT(fault(arguments), Catch::StartsWith("66 "));
  arguments.inputs = {a};
  arguments.columns = {"1", "2"};
  CHECK_THAT(fault(arguments), Catch::StartsWith("64 --columns: names 2 columns"));
  arguments.columns.clear();
  RttLimits limits;
  limits.file_bytes = 4;
  CHECK_THAT(fault(arguments, limits), Catch::StartsWith("65 " + a + ":1: has more than"));
  limits.file_bytes = 5;
  arguments.inputs = {a, a, a};
  CHECK_THAT(fault(arguments, limits), Catch::StartsWith("65 " + a + ":1: and the files before it"));
  arguments.inputs.assign(10'001, a);
  CHECK_THAT(fault(arguments), Catch::StartsWith("64 more than 10000 files"));
}

}  // namespace
}  // namespace chiploc::test::others_files_test
