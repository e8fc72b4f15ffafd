#pragma once
// The program as a person or a script meets it: a process, against a real service over mutual TLS.
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/server/cli/cli_process.hpp"
#include "tests/server/grpc/operator_world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {

using nlohmann::json;

inline const std::string kChipA = chip_id("aaaa1");
inline const std::string kChipB = chip_id("aaaa2");
inline const std::string kChipC = chip_id("aaaa3");

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The world, with a configuration for each person.
struct Cli {
  OperatorWorld world;
  std::string config;  ///< the admin's
  explicit Cli(bool revocable = false) : world{revocable} {
    world.folder.write("ca.pem", world.ca);
    config = person("admin", world.admin);
  }
  /// Writes NAME.toml with its files beside it and returns its path.
  [[nodiscard]] std::string person(const std::string& name, const Credentials& who) const {
    world.folder.write(name + ".pem", who.certificate);
    world.folder.write(name + ".key", who.key);
    return world.folder
        .write(name + ".toml", "server = \"" + world.address() + "\"\nca = \"ca.pem\"\ncertificate = \"" +
                                   name + ".pem\"\ntls_key = \"" + name + ".key\"\n")
        .string();
  }
  [[nodiscard]] ProcessResult run(std::vector<std::string> arguments,
                                  std::map<std::string, std::string> more = {}) const {
    arguments.insert(arguments.begin(), chiploc_program());
    more.emplace("CHIPLOC_CONFIG", config);
    return run_process(arguments, more);
  }
  /// What a command prints; it must succeed.
  [[nodiscard]] std::string out(const std::vector<std::string>& arguments) const {
    const ProcessResult result = run(arguments);
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
    return result.out;
  }
};

inline std::vector<json> lines_of(const std::string& ndjson) {
  std::vector<json> out;
  std::istringstream in{ndjson};
  for (std::string line; std::getline(in, line);) out.push_back(json::parse(line));
  return out;
}

}  // namespace chiploc::test
