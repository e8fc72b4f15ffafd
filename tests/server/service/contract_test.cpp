#include "server/service/contract.hpp"

#include <fstream>

#include "proto/v1/anchor_service.pb.h"
#include "proto/v1/operator_service.pb.h"
#include "tests/support/catch.hpp"
#include "tests/support/command.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::test {
namespace {

/// What the build's own check says of all of proto/v1, with one file changed.
Ran check_with(const std::string& file = {}, const std::string& from = {}, const std::string& to = {}) {
  const TempDir folder;
  const auto copies = folder.path() / "proto" / "v1";
  std::filesystem::create_directories(copies);
  std::string files;
  for (const auto& entry : std::filesystem::directory_iterator{source_dir() / "proto" / "v1"}) {
    std::string text = read_file(entry.path());
    if (entry.path().filename() == file) {
      const auto at = text.find(from);
      REQUIRE(at != std::string::npos);
      text.replace(at, from.size(), to);
    }
    std::ofstream{copies / entry.path().filename()} << text;
    files += " " + (copies / entry.path().filename()).string();
  }
  const std::string set = (folder / "set").string();
  const Ran compiled = run(std::string{CHIPLOC_PROTOC} + " -I " + folder.path().string() +
                           " --include_imports --descriptor_set_out=" + set + files + " 2>&1");
  INFO(compiled.output);
  REQUIRE(compiled.exit_code == 0);
  return run(program_path("chiploc-contract-check") + " " + set + " 2>&1");
}

TEST_CASE("contract: every method has its access rule, every field its sealing decision",
          "[service][contract]") {
  CHECK(contract_faults({v1::AnchorMessage::descriptor()->file(), v1::Verdict::descriptor()->file(),
                         v1::GetChipRequest::descriptor()->file()},
                        access_table())
            .empty());
  const Ran ran = check_with();  // the files as they lie there, also one that nothing links
  CHECK(ran.output.empty());
  CHECK(ran.exit_code == 0);
}

TEST_CASE("contract: a planted method without a rule fails the build's check", "[service][contract]") {
  const Ran ran = check_with("operator_service.proto", "service OperatorService {\n",
                             "message PlantedRequest { option (internal) = true; }\n"
                             "service OperatorService {\n"
                             "  rpc Planted(PlantedRequest) returns (GetChipResponse);\n");
  CHECK(ran.exit_code == 1);
  CHECK(ran.output ==
        "proto/v1: chiploc.v1.OperatorService.Planted has no access rule; add it to "
        "server/service/access.cpp\n");
}

TEST_CASE("contract: a rule whose method is gone fails it too", "[service][contract]") {
  const Ran ran = check_with("operator_service.proto", "rpc GetStatus(", "rpc GetState(");
  CHECK(ran.exit_code == 1);
  CHECK(ran.output.find("OperatorService.GetState has no access rule") != std::string::npos);
  CHECK(ran.output.find("the access rule of chiploc.v1.OperatorService.GetStatus names no method") !=
        std::string::npos);
}

TEST_CASE("contract: a planted field without a sealing decision fails it", "[service][contract]") {
  const auto fault = [](const std::string& file, const std::string& from, const std::string& to) {
    const Ran ran = check_with(file, from, to);
    CHECK(ran.exit_code == 1);
    CHECK(std::count(ran.output.begin(), ran.output.end(), '\n') == 1);
    return ran.output;
  };
  CHECK(
      fault("evidence.proto", "message Verdict {\n", "message Verdict {\n  double planted_deg = 999;\n") ==
      "proto/v1: chiploc.v1.Verdict.planted_deg has no sealing decision; write [(sealed) = true] or [(sealed) = "
      "false] (access.proto)\n");
  CHECK(fault("operator_service.proto", "message Licence {\n",
              "message Licence {\n  message Part { string within = 1; }\n")
            .find("chiploc.v1.Licence.Part.within has no sealing decision") != std::string::npos);
  CHECK(
      fault("operator_service.proto", "message Licence {\n",
            "message Licence {\n  map<string, SignedReport> reports = 99 [(sealed) = false];\n")
          .find("chiploc.v1.Licence.reports is open, and holds chiploc.v1.SignedReport, which is internal") !=
      std::string::npos);
  CHECK(fault("operator_service.proto", "message Licence {\n",
              "message Licence {\n  string first = 99 [(sealed) = false, (first_word_open) = true];\n")
            .find("chiploc.v1.Licence.first is open, not its first word alone") != std::string::npos);
  CHECK(fault("operator_service.proto", "message Licence {\n",
              "message Licence {\n  uint32 first = 99 [(sealed) = true, (first_word_open) = true];\n")
            .find("chiploc.v1.Licence.first has no first word to open") != std::string::npos);
}

TEST_CASE("contract: what a researcher would see by mistake fails it", "[service][contract][research]") {
  const auto fault = [](const std::string& planted) {
    const Ran ran =
        check_with("operator_service.proto", "message Licence {\n", "message Licence {\n  " + planted + "\n");
    CHECK(ran.exit_code == 1);
    return ran.output;
  };
  CHECK(fault("string first = 99 [(sealed) = true, (research) = RESEARCH_AS_IT_IS];") ==
        "proto/v1: chiploc.v1.Licence.first is shown to researchers, and is not open\n");
  CHECK(fault("string first = 99 [(sealed) = false, (research) = RESEARCH_CHIP];") ==
        "proto/v1: chiploc.v1.Licence.first cannot hold a pseudonym of that kind\n");
  CHECK(fault("bytes first = 99 [(sealed) = false, (research) = RESEARCH_NAME];") ==
        "proto/v1: chiploc.v1.Licence.first cannot hold a pseudonym of that kind\n");
  CHECK(fault("bytes first = 99 [(sealed) = false, (research) = RESEARCH_VERDICT_OR_CHIP];") ==
        "proto/v1: chiploc.v1.Licence.first has to say which of the two it is\n");
  CHECK(fault("map<string, Chip> first = 99 [(sealed) = false, (research) = RESEARCH_AS_IT_IS];")
            .find("is a map of messages, in which a researcher would see what has no option") !=
        std::string::npos);
  const Ran ran =
      check_with("operator_service.proto", "returns (GetPolicyResponse)", "returns (GetSummaryResponse)");
  CHECK(ran.output.find("OperatorService.GetPolicy is for researchers, and nothing in its answer is") !=
        std::string::npos);
}

TEST_CASE("contract: rules that contradict the methods are named", "[service][contract]") {
  const auto* file = v1::GetChipRequest::descriptor()->file();
  const auto with = [&](const AccessRule& changed) {
    std::vector<AccessRule> table(access_table().begin(), access_table().end());
    table.erase(table.begin());  // Attach, of another file
    for (AccessRule& rule : table) {
      if (rule.method == changed.method) rule = changed;
    }
    return contract_faults({file}, table);
  };
  const RoleSet readers{Role::kReader, Role::kAdmin};
  const RoleSet admins{Role::kAdmin};
  const char* import = "chiploc.v1.OperatorService.Import";
  CHECK(with({"none", readers, admins, true, ""}).empty());
  CHECK(
      with({import, readers, admins, false, ""}) ==
      std::vector<std::string>{
          "chiploc.v1.OperatorService.Import is for roles that do not see all, and its answer is internal"});
  CHECK(with({import, admins, admins, false, ""}) ==
        std::vector<std::string>{
            "the access rule of chiploc.v1.OperatorService.Import does not say what a reader may not"});
  CHECK(with({import, admins, readers, false, "import"}) ==
        std::vector<std::string>{
            "the access rule of chiploc.v1.OperatorService.Import shows all to a role that may not call it"});
  std::vector<AccessRule> twice(access_table().begin() + 1, access_table().end());
  twice.push_back(twice.front());
  CHECK(contract_faults({file}, twice) ==
        std::vector<std::string>{"chiploc.v1.OperatorService.GetStatus has two access rules"});
}

TEST_CASE("contract: two methods that take one request cannot be told apart", "[service][contract]") {
  const std::string call = "rpc GetChip(GetChipRequest)";
  const Ran ran = check_with("operator_service.proto", call, "rpc GetChip(GetStatusRequest)");
  CHECK(ran.exit_code == 1);
  CHECK(ran.output.find(
            "chiploc.v1.OperatorService.GetChip takes chiploc.v1.GetStatusRequest, as another method does") !=
        std::string::npos);
}

}  // namespace
}  // namespace chiploc::test
