#include "agent/chip_row.hpp"

#include <cstdio>
#include <fstream>
#include <sstream>

#include "agent/command_line.hpp"
#include "agent/config.hpp"
#include "agent/identity.hpp"
#include "proto/base/sample_text.hpp"
#include "proto/crypto/certificate.hpp"

namespace chiploc {
namespace {

constexpr const char* kRowHelp =
    R"(chiploc-agent row prints chips.csv for `chiploc import`: the chip, once it has its certificate.

usage: chiploc-agent row --config FILE --serial NAME --maker NAME --licence ID
                         [--inbound IP:PORT] > chips.csv

  --config FILE      the agent's configuration: model, certificate, and whether the chip knocks
  --serial NAME      the board's serial number
  --maker NAME       as makers.csv has it at the coordinator
  --licence ID       the licence that the chip belongs to
  --inbound IP:PORT  where anchors reach a chip that does not knock

exit codes: 0 fine, 64 usage, 69 the key cannot be used, 78 bad configuration
)";

AgentExit refuse(const std::string& text, AgentExit exit) {
  std::fprintf(stderr, "chiploc-agent row: %s\n", text.c_str());
  return exit;
}

/// The certificates of the file, each as PEM writes it and nothing between them.
std::string chain_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  std::string out;
  if (const auto chain = Certificate::chain_from_pem(text.str())) {
    for (const Certificate& certificate : *chain) out += certificate.pem();
  }
  return out;
}

}  // namespace

std::string chips_csv(const ChipRow& row) {
  return "id,serial,maker,model,licence,reach,certificate_pem\n" + csv_quoted_name(row.id) + "," +
         csv_quoted_name(row.serial) + "," + csv_quoted(row.maker) + "," + csv_quoted(row.model) + "," +
         csv_quoted_name(row.licence) + "," +
         csv_quoted(row.inbound.empty() ? "knock" : "inbound " + row.inbound) + "," +
         csv_quoted(row.certificate_pem) + "\n";
}

bool asks_for_agent_help(std::span<const char* const> arguments) {
  for (const std::string_view word : arguments) {
    if (word == "--help" || word == "-h") return true;
  }
  return false;
}

AgentExit agent_row_command(std::span<const char* const> arguments) {
  if (asks_for_agent_help(arguments)) {
    std::fputs(kRowHelp, stdout);
    return AgentExit::kFine;
  }
  constexpr std::string_view kOnce[] = {"--config", "--serial", "--maker", "--licence", "--inbound"};
  const auto words = AgentWords::read(arguments, {.once = kOnce});
  if (!words) return refuse(words.error(), AgentExit::kUsage);
  for (const std::string_view name : {"--config", "--serial", "--maker", "--licence"}) {
    if (words->one(name).empty())
      return refuse(std::string{name} + " is missing; see --help", AgentExit::kUsage);
  }
  const auto config = load_agent_config(words->one("--config"));
  if (!config) {
    for (const AgentConfigFault& fault : config.error()) std::fprintf(stderr, "%s\n", fault.text().c_str());
    return AgentExit::kBadConfig;
  }
  ChipRow row{.id = {},
              .serial = words->one("--serial"),
              .maker = words->one("--maker"),
              .model = config->identity.model,
              .licence = words->one("--licence"),
              .inbound = words->one("--inbound"),
              .certificate_pem = chain_of(config->certificate)};
  if (row.inbound.empty() == config->rendezvous.empty()) {
    return refuse(
        row.inbound.empty()
            ? "--inbound IP:PORT is missing: " + config->file + " names no anchor to knock at"
            : "--inbound is for a chip that does not knock; " + config->file + " names anchors to knock at",
        AgentExit::kUsage);
  }
  const auto device = load_device_identity(*config);
  if (!device) return refuse(device.error().text, device.error().exit);
  row.id = device->id.hex();
  std::fputs(chips_csv(row).c_str(), stdout);
  if (std::fflush(stdout) == 0) return AgentExit::kFine;
  return refuse("standard output could not be written; look at the disk or the pipe",
                AgentExit::kCannotStart);
}

}  // namespace chiploc
