// Runs the shell text of PROTOCOL.md section 9, word for word, on rounds as `chiploc verdict show --evidence`
// writes them: the promise is that an independent reader needs openssl and nothing of ours.
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "server/cli/evidence_folder.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/clone_maker.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc {
namespace {

namespace fs = std::filesystem;
using test::RoundMaker;

std::string read_file(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string shell_text() {
  const std::string protocol = read_file(source_dir() / "proto/PROTOCOL.md");
  const auto section = protocol.find("## 9. Checking a stored round");
  REQUIRE(section != std::string::npos);
  const auto begin = protocol.find("```sh\n", section) + 6;
  return protocol.substr(begin, protocol.find("\n```", begin) - begin + 1);
}

struct Outcome {
  int exit_code = 0;
  std::string output;
};

Outcome run_check(const fs::path& folder) {
  const fs::path script = folder / "check.sh";
  std::ofstream{script} << shell_text();
  const std::string command = "cd '" + folder.string() + "' && sh ./check.sh >check.log 2>&1";
  const int status = std::system(command.c_str());  // NOLINT: a fixed command over a folder of our own
  return {WEXITSTATUS(status), read_file(folder / "check.log")};
}

v1::RoundEvidence stored_round(SignatureAlgorithm algorithm, bool cloned = false) {
  RoundMaker maker{algorithm};
  maker.add_anchor("ber", {.lat = 52.52, .lon = 13.40});
  maker.add_anchor("ams-1", {.lat = 52.37, .lon = 4.90});
  maker.add_anchor("par", {.lat = 48.86, .lon = 2.35});
  const auto ca =
      CertificateAuthority::create("Test Maker", SignatureAlgorithm::kEs256, WallTime{}, 36'500).value();
  IssueRequest request;
  request.common_name = "chip";
  request.serial_number = maker.chip.hex();
  request.days = 36'500;
  const Certificate device = ca.issue(request, maker.device_key->public_key()).value();
  maker.certificate = device.fingerprint();
  const Degrees frankfurt{.lat = 50.11, .lon = 8.68};
  const RoundEvidenceBytes made =
      cloned ? test::make_cloned(maker, frankfurt, {.lat = 40.42, .lon = -3.7}) : maker.make(frankfurt);

  v1::RoundEvidence out;
  out.set_round_id(string_of(made.round.bytes));
  out.set_chip_id(string_of(made.chip.bytes));
  for (const IssuedTicket& issued : made.tickets) {
    out.add_tickets(string_of(bytes_of(issued.ticket)));
    v1::AnchorEvidence& anchor = *out.mutable_verdict()->add_anchors();
    anchor.set_anchor(issued.anchor.name);
    anchor.set_anchor_id(string_of(issued.anchor.id.bytes));
    (*out.mutable_anchor_publics())[issued.anchor.id.hex()] =
        string_of(issued.anchor.report_key.raw_ed25519().value());
  }
  for (const auto& [sender, raw] : made.reports) {
    REQUIRE(out.add_reports()->ParseFromArray(raw.data(), static_cast<int>(raw.size())));
  }
  out.set_close_order(string_of(bytes_of(*made.close_order)));
  for (const ByteVector& statement : made.statements) out.add_statements(string_of(statement));
  out.set_device_certificate(string_of(device.der()));
  out.set_coordinator_public(string_of(maker.coordinator_key->public_key().raw_ed25519().value()));
  return out;
}

TEST_CASE("openssl alone checks a stored round, whatever the chip's algorithm") {
  for (const auto algorithm :
       {SignatureAlgorithm::kEd25519, SignatureAlgorithm::kEs256, SignatureAlgorithm::kEs384}) {
    INFO(name_of(algorithm));
    const TempDir folder;
    REQUIRE(write_evidence(evidence_files(stored_round(algorithm)), folder.path()));
    const Outcome outcome = run_check(folder.path());
    INFO(outcome.output);
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.output.find("the chip's key signed 3 transcripts") != std::string::npos);
  }
}

TEST_CASE("openssl alone checks the statements of both holders of a key, and says that they are two") {
  for (const auto algorithm : {SignatureAlgorithm::kEd25519, SignatureAlgorithm::kEs384}) {
    INFO(name_of(algorithm));
    const auto files = evidence_files(stored_round(algorithm, true));
    const TempDir folder;
    REQUIRE(write_evidence(files, folder.path()));
    const Outcome outcome = run_check(folder.path());
    INFO(outcome.output);
    CHECK(outcome.exit_code == 0);
    for (const char* said : {"statement.cose: the chip's key signed 3 transcripts",
                             "statement-2.cose: the chip's key signed 3 transcripts",
                             "two holders of the key: statement-2.cose is about other sessions"})
      CHECK(outcome.output.find(said) != std::string::npos);
    CHECK(outcome.output.find("not signed by the chip") == std::string::npos);
    CHECK(read_file(folder.path() / "statement-2.covers").find("transcript-00-ber-2.bin") !=
          std::string::npos);

    const TempDir other;
    REQUIRE(write_evidence(files, other.path()));
    std::string content = read_file(other.path() / "statement-2.cose");
    content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
    std::ofstream{other.path() / "statement-2.cose", std::ios::binary} << content;
    CHECK(run_check(other.path()).exit_code != 0);
  }
}

TEST_CASE(
    "openssl alone is not held up by a statement that nobody judged, and misses one that is not there") {
  v1::RoundEvidence round = stored_round(SignatureAlgorithm::kEd25519);
  round.add_statements("made up by whoever carried it");
  round.add_unjudged_statements(1);
  const TempDir folder;
  REQUIRE(write_evidence(evidence_files(round), folder.path()));
  CHECK(std::filesystem::exists(folder.path() / "unjudged-statement.cose"));
  const Outcome outcome = run_check(folder.path());
  INFO(outcome.output);
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.output.find("two holders") == std::string::npos);

  round.clear_statements();
  const TempDir silent;
  REQUIRE(write_evidence(evidence_files(round), silent.path()));
  const Outcome without = run_check(silent.path());
  CHECK(without.exit_code != 0);
  CHECK(without.output.find("there is no statement") != std::string::npos);
}

TEST_CASE("openssl alone notices one changed bit in any file that was signed") {
  const TempDir original;
  const auto files = evidence_files(stored_round(SignatureAlgorithm::kEs256));
  for (const char* name : {"ticket-01.bin", "close-order.bin", "report-00-ber.body", "report-02-par.sig",
                           "statement.cose", "opening-01-ams-1.sig"}) {
    INFO(name);
    const TempDir folder;
    REQUIRE(write_evidence(files, folder.path()));
    std::string content = read_file(folder.path() / name);
    content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
    std::ofstream{folder.path() / name, std::ios::binary} << content;
    const Outcome outcome = run_check(folder.path());
    INFO(outcome.output);
    CHECK(outcome.exit_code != 0);
  }
}

TEST_CASE("openssl alone notices a transcript that the chip did not sign") {
  const TempDir folder;
  REQUIRE(write_evidence(evidence_files(stored_round(SignatureAlgorithm::kEd25519)), folder.path()));
  std::ofstream{folder.path() / "transcript-01-ams-1.bin", std::ios::binary | std::ios::app} << 'x';
  const Outcome outcome = run_check(folder.path());
  INFO(outcome.output);
  CHECK(outcome.output.find("not signed by the chip: transcript-01-ams-1.bin") != std::string::npos);
  CHECK(outcome.output.find("the chip's key signed 2 transcripts") != std::string::npos);
}

}  // namespace
}  // namespace chiploc
