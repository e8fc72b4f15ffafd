// What SILENT says with real programs: each mistake made in a running lab, named by the verdict, and told by
// the agent's log where it knows.
#include <csignal>
#include <fstream>
#include <functional>

#include "proto/base/role.hpp"
#include "proto/crypto/issue.hpp"
#include "server/pki/role.hpp"
#include "tests/faults/fault_lab.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/command.hpp"
#include "tests/support/paths.hpp"

namespace chiploc::faults {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::int64_t kHour = 3600LL * 1'000'000'000;
constexpr int kKnocking = 0;  // chip C-1
constexpr int kInbound = 1;   // chip C-2

std::string name_of_chip(int chip) { return "C-" + std::to_string(chip + 1); }

/// Another value for a key in each section of that name of an agent's file, by the section's number; the old
/// text comes back at the end.
class EditedAgent {
 public:
  EditedAgent(FaultLab& lab, int chip, const std::string& section, const std::string& key,
              const std::function<std::string(int)>& value)
      : lab_{lab},
        name_{name_of_chip(chip)},
        file_{lab.plan().agents.at(static_cast<std::size_t>(chip)).endpoint.folder / "agent.toml"} {
    std::ifstream in{file_};
    old_.assign(std::istreambuf_iterator<char>{in}, {});
    std::string text = old_;
    const std::string title = "[[" + section + "]]";
    int number = 0;
    for (std::size_t at = text.find(title); at != std::string::npos; at = text.find(title, at + 1)) {
      const std::size_t from = text.find(key + " = ", at);
      REQUIRE(from != std::string::npos);
      text.replace(from, text.find('\n', from) - from, key + " = \"" + value(number++) + "\"");
    }
    REQUIRE(number > 0);
    std::ofstream{file_, std::ios::trunc} << text;
    restart();
  }
  ~EditedAgent() {
    std::ofstream{file_, std::ios::trunc} << old_;
    restart();
  }
  EditedAgent(const EditedAgent&) = delete;
  EditedAgent& operator=(const EditedAgent&) = delete;

 private:
  void restart() {
    lab_.stop(name_);
    const std::size_t from = lab_.log_size(name_);
    lab_.launch(name_);
    CHECK(lab_.says(name_, "agent.started", from));
  }
  FaultLab& lab_;
  std::string name_;
  fs::path file_;
  std::string old_;
};

v1::Silence silence_of(FaultLab& lab, int chip) {
  const auto verdict = lab.verify(chip);
  CHECK(text_of(verdict) == "SILENT");
  if (!verdict) return {};
  CAPTURE(verdict.value().silence().ShortDebugString());
  CHECK(verdict.value().silence().causes_size() == 3);
  return verdict.value().silence();
}

void check_named(const v1::Silence& silence, const std::string& cause) {
  CAPTURE(cause, silence.ShortDebugString());
  REQUIRE(silence.causes_size() == 3);
  CHECK((silence.causes(0).code() == cause || silence.causes(1).code() == cause));
}

TEST_CASE(
    "silence: another coordinator's key in the agent's file is named by the verdict and by the agent's log",
    "[faults]") {
  FaultLab lab{{.anchors = 4, .chips = 2}};
  REQUIRE(lab.up() == "");
  for (const int chip : {kKnocking, kInbound}) {
    CAPTURE(chip);
    const std::string agent = name_of_chip(chip);
    REQUIRE(lab.verify_until(chip, "VERIFIED") == "VERIFIED");
    {
      const std::string stranger = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
      const EditedAgent edited{lab, chip, "coordinator", "public_key", [&](int) { return stranger; }};
      const std::size_t from = lab.log_size(agent);
      const v1::Silence silence = silence_of(lab, chip);
      check_named(silence, "coordinator_unknown");
      CHECK(silence.rejects_by_chip().count("unknown_coordinator") == 1);
      CHECK(lab.says(agent, "ticket.refused reason=unknown_coordinator times=1", from));
      CHECK(lab.says(agent, "trusted=21fe31dfa154a261626bf854046fd227", from));  // SHA-256 of that key
      CHECK(lab.log(agent).find("public_key = \"") == std::string::npos);
    }
    CHECK(lab.verify_until(chip, "VERIFIED") == "VERIFIED");
  }
}

TEST_CASE("silence: a wrong port of the rendezvous anchors, an agent that has stopped", "[faults]") {
  FaultLab lab{{.anchors = 4, .chips = 2}};
  REQUIRE(lab.up() == "");
  {
    REQUIRE(lab.verify_until(kKnocking, "VERIFIED") == "VERIFIED");
    const EditedAgent edited{lab, kKnocking, "rendezvous", "address",
                             [](int i) { return "127.0.0.1:" + std::to_string(2 + i); }};
    const v1::Silence silence = silence_of(lab, kKnocking);
    check_named(silence, "agent_stopped");
    CHECK(silence.causes(0).text().find("names another address or port") != std::string::npos);
    CHECK(silence.reached() == "tickets");
  }
  REQUIRE(lab.verify_until(kKnocking, "VERIFIED") == "VERIFIED");
  REQUIRE(lab.verify_until(kInbound, "VERIFIED") == "VERIFIED");
  for (const int chip : {kKnocking, kInbound}) {
    lab.stop(name_of_chip(chip));
    const v1::Silence silence = silence_of(lab, chip);
    check_named(silence, "agent_stopped");
    if (chip == kKnocking) {
      CHECK(silence.last_proof_unix_ns() > 0);
      CHECK(silence.waited_ns() >= Nanoseconds{1'400ms}.count());  // twice the lab's 200 ms, and a second
    }
    lab.launch(name_of_chip(chip));
    CHECK(lab.verify_until(chip, "VERIFIED") == "VERIFIED");
  }
}

constexpr std::chrono::hours kDay{24};

/// Another authority that everybody in the lab trusts too, for certificates that the lab's own would not issue. Made
/// before anything starts.
class Certifier {
 public:
  explicit Certifier(const FaultLab& lab)
      : ca_{CertificateAuthority::create("other", SignatureAlgorithm::kEs256, now() - 10 * kDay, 30)
                .value()} {
    std::ofstream{lab.plan().state / "ca.pem", std::ios::app} << ca_.certificate().pem();
  }
  /// Puts a certificate into a program's folder whose last day ended `ago`.
  void ended(const fs::path& folder, const std::string& name, Role role, std::chrono::hours ago) const {
    const auto key = generate_key(SignatureAlgorithm::kEs256);
    const IssueRequest request = leaf_request(*pki_role(unit_of(role)), name, {}, now() - ago - kDay, 1);
    std::ofstream{folder / "tls.pem", std::ios::trunc} << ca_.issue(request, key->public_key())->pem();
    fs::remove(folder / "tls.key");
    REQUIRE(write_private_key(folder / "tls.key", *key));
  }

 private:
  static WallTime now() {
    return WallTime{
        std::chrono::duration_cast<Nanoseconds>(std::chrono::system_clock::now().time_since_epoch())};
  }
  CertificateAuthority ca_;
};

std::string status_of(const FaultLab& lab) {
  return run(program_path("chiploc") + " --config " + (lab.plan().state / "cli.toml").string() +
             " status 2>&1")
      .output;
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("silence: certificates of anchors that have ended", "[faults]") {
  FaultLab lab{{.anchors = 4, .rendezvous = 1, .chips = 2, .shim = true}};
  const Certifier certifier{lab};
  REQUIRE(lab.up() == "");
  REQUIRE(lab.verify_until(kKnocking, "VERIFIED") == "VERIFIED");
  const auto end_certificate = [&](const std::string& name) {
    lab.stop(name);
    for (const LabEndpoint& anchor : lab.plan().anchors) {
      if (anchor.name == name) certifier.ended(anchor.folder, name, Role::kAnchor, 2h);
    }
  };
  // The one to knock at: it does not start, and says why. What SILENT names first is to be looked at there.
  end_certificate("a1");
  const std::size_t from = lab.log_size("a1");
  lab.launch("a1");
  CHECK(lab.says("a1", "tls.pem: the certificate ended on ", from));
  CHECK(has(lab.log("a1"), "chiploc pki renew a1"));
  REQUIRE(lab.attached(3));
  check_named(silence_of(lab, kKnocking), "no_rendezvous");
  // One that runs past its certificate's end: by its own clock it has an hour left.
  lab.plan_of("a1").clock_offset_ns = -3 * kHour;
  const std::size_t late = lab.log_size("a1");
  lab.launch("a1");
  CHECK(lab.says("a1", "uplink.lost", late));
  check_named(silence_of(lab, kKnocking), "no_rendezvous");
  // All of them: no round at all, and what to look at.
  for (const char* name : {"a2", "a3", "a4"}) {
    end_certificate(name);
    lab.launch(name);
  }
  REQUIRE(lab.attached(0));
  CHECK(text_of(lab.verify(kInbound)) ==
        "no anchor is connected to the coordinator; start anchors and look at the anchor list");
}

TEST_CASE("silence: a certificate of the coordinator that has ended", "[faults]") {
  FaultLab lab{{.anchors = 2, .chips = 1, .shim = true}};
  const Certifier certifier{lab};
  REQUIRE(lab.up() == "");
  lab.stop("chiplocd");
  certifier.ended(lab.plan().state / "chiplocd", "chiplocd", Role::kCoordinator, 2h);
  const std::size_t from = lab.log_size("chiplocd");
  lab.launch("chiplocd");
  CHECK(lab.says("chiplocd", "tls.pem: the certificate ended on ", from));
  CHECK(has(lab.log("chiplocd"), "chiploc pki renew chiplocd"));
  CHECK(has(status_of(lab), "the connection was refused; start chiplocd"));
  // One that runs past its end: no round and no SILENT, but anchors and people read what it may be.
  lab.plan_of("chiplocd").clock_offset_ns = -3 * kHour;
  const std::size_t again = lab.log_size("chiplocd");
  const std::size_t anchor = lab.log_size("a1");
  lab.launch("chiplocd");
  REQUIRE(lab.says("chiplocd", "chiplocd.ready", again));
  const std::string status = status_of(lab);
  CAPTURE(status);
  CHECK(has(status, "no TLS connection with " + lab.plan().coordinator_address));
  CHECK(has(status, "that neither has ended"));
  CHECK(lab.says("a1", "uplink.lost", anchor));
}

/// A second process with an anchor's name and keys, at another port.
ChildProcess copy_of(FaultLab& lab, const std::string& anchor) {
  const LabEndpoint& original = lab.plan().anchors.at(0);
  REQUIRE(original.name == anchor);
  const fs::path folder = original.folder.parent_path() / "copy";  // beside it, as paths are relative
  fs::copy(original.folder, folder, fs::copy_options::recursive);
  fs::remove_all(folder / "state");
  std::ifstream in{folder / "anchor.toml"};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  const std::size_t listen = text.find("listen = ");
  REQUIRE(listen != std::string::npos);
  text.replace(listen, text.find('\n', listen) - listen, "listen = [\"127.0.0.1:0\"]");
  std::ofstream{folder / "anchor.toml", std::ios::trunc} << text;
  auto child = ChildProcess::start(
      {.name = "copy",
       .arguments = {program_path("chiploc-anchor"), "--config", (folder / "anchor.toml").string()},
       .log = folder / "copy.log"});
  REQUIRE(child);
  return std::move(child).value();
}

TEST_CASE("silence: an anchor of which two copies run is named, listed, and gone when one of them is",
          "[faults]") {
  FaultLab lab{{.anchors = 1, .chips = 1}};
  REQUIRE(lab.up() == "");
  {
    ChildProcess copy = copy_of(lab, "a1");
    REQUIRE(lab.says("chiplocd", "anchor.twice anchor=a1"));
    const auto anchors = lab.client().anchors(30s);
    REQUIRE(anchors);
    CHECK(anchors.value().anchors(0).twice_unix_ns() > 0);
    CHECK(anchors.value().anchors(0).twice_at_size() == 2);
    // The chip knocks at the one whose port it knows. That one is held: else chance says which of the two hears of a round.
    lab.signal("a1", SIGSTOP);
    std::string state;
    for (int round = 0; round < 20 && state != "SILENT"; ++round) {
      const auto verdict = lab.verify(kKnocking);
      state = text_of(verdict);
      if (state != "SILENT") continue;
      const v1::Silence& silence = verdict.value().silence();
      CAPTURE(silence.ShortDebugString());
      CHECK(silence.causes(0).code() == "anchor_twice");
      REQUIRE(silence.anchors_twice_size() == 1);
      CHECK(silence.anchors_twice(0) == "a1");
    }
    CHECK(state == "SILENT");
    lab.signal("a1", SIGCONT);
    copy.stop(30s);
  }
  lab.stop("a1");
  lab.launch("a1");
  REQUIRE(lab.attached(1));
  const auto again = lab.verify(kKnocking);
  CHECK(text_of(again) != "SILENT");
}

TEST_CASE("silence: a clock that is off by an hour", "[faults]") {
  FaultLab lab{{.anchors = 4, .chips = 2, .shim = true}};
  REQUIRE(lab.up() == "");
  for (const int chip : {kKnocking, kInbound}) {
    for (const std::int64_t by : {kHour, -kHour}) {
      const std::string agent = name_of_chip(chip);
      CAPTURE(agent, by);
      const std::size_t from = lab.log_size(agent);
      lab.plan_of(agent).clock_offset_ns = by;
      const v1::Silence silence = silence_of(lab, chip);
      check_named(silence, "clock");
      CHECK(silence.causes(0).text().find(by > 0 ? "ahead of" : "behind") != std::string::npos);
      CHECK(lab.says(agent, by > 0 ? "s ahead of the coordinator's" : "s behind the coordinator's", from));
      lab.plan_of(agent).clock_offset_ns = 0;
      CHECK(lab.verify_until(chip, "VERIFIED") == "VERIFIED");
    }
  }
}

}  // namespace
}  // namespace chiploc::faults
