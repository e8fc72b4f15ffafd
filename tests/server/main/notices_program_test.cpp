// Notices of a real chiplocd at a real receiver, both killed on the way; what it says of a configuration that is wrong; what
// a mute hides, and that it ends in time while a receiver never answers.
#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "proto/crypto/digest.hpp"
#include "proto/crypto/issue.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/command.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

constexpr std::chrono::seconds kPatience{120};  // only a broken program comes near it
const WallTime kLongAgo = wall_from_unix_seconds(1'000'000'000);
constexpr const char* kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n";

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(socket);
  return ntohs(address.sin_port);
}

/// A coordinator's folder that `chiplocd init` made, with a sink; three chips to import.
class NoticeDesk {
 public:
  TempDir folder;
  int port = free_port(), receiver_port = free_port();
  std::unique_ptr<ChildProcess> chiplocd, receiver;

  NoticeDesk() {
    const Ran made = run("cd " + folder.path().string() + " && " + program_path("chiplocd") +
                         " init --dir c --listen " + address() + " --authority ca --admin ada 2>&1");
    INFO(made.output);
    REQUIRE(made.exit_code == 0);
    sample_ = read_file(folder / "c/chiplocd.toml");
    folder.write("c/siem.secret", kSecret);
    configure(sink_lines());
  }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port); }
  [[nodiscard]] std::string sink_lines() const {
    return "[[notices]]\nname = \"siem\"\nurl = \"http://127.0.0.1:" + std::to_string(receiver_port) +
           "/\"\nsecret = \"siem.secret\"\nallow_http = true\nallow_private = true\n";
  }
  /// The line of the configuration that the first of these stands in.
  unsigned configure(const std::string& lines) const {
    const std::string text = sample_ + "\n" + lines;
    std::ofstream{folder / "c/chiplocd.toml"} << text;
    return static_cast<unsigned>(std::count(sample_.begin(), sample_.end(), '\n')) + 2;
  }
  [[nodiscard]] std::string config() const { return (folder / "c/chiplocd.toml").string(); }
  void start() {
    chiplocd = std::make_unique<ChildProcess>(Words{program_path("chiplocd"), "--config", config()},
                                              Environment{}, folder / "log");
  }
  void receive(const std::string& answer = "204") {
    receiver = std::make_unique<ChildProcess>(
        Words{"python3", (source_dir() / "tests/server/main/notice_receiver.py").string(),
              std::to_string(receiver_port), (folder / "c/siem.secret").string(),
              (folder / "received").string(), answer},
        Environment{}, folder / "receiver.log");
  }
  /// A notice that finds nobody is tried again, and those behind it wait.
  void until_it_listens() const {
    until("the receiver listens", [&] {
      const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
      sockaddr_in to{};
      to.sin_family = AF_INET;
      to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      to.sin_port = htons(static_cast<std::uint16_t>(receiver_port));
      const bool up = ::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
      ::close(socket);
      return up;
    });
  }
  static void kill(std::unique_ptr<ChildProcess>& program) {
    program->send_signal(SIGKILL);
    program->wait(-1);
    program.reset();
  }
  [[nodiscard]] Ran chiploc(const std::string& arguments) const {
    return run(program_path("chiploc") + " --config " + (folder / "ada/cli.toml").string() + " " + arguments +
               " 2>&1");
  }
  [[nodiscard]] std::string out(const std::string& arguments) const {
    const Ran ran = chiploc(arguments);
    INFO(arguments << "\n" << ran.output << "\n" << read_file(folder / "log"));
    REQUIRE(ran.exit_code == 0);
    return ran.output;
  }
  /// Until this holds; nothing else is waited for.
  void until(const std::string& what, const std::function<bool()>& holds) const {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!holds()) {
      INFO(what << "\n" << read_file(folder / "log"));
      REQUIRE(std::chrono::steady_clock::now() < end);
    }
  }
  void until_up() const {
    until("chiplocd answers", [&] { return chiploc("status -o json").exit_code == 0; });
  }
  void import() const {
    const auto authority =
        CertificateAuthority::create("Acme", SignatureAlgorithm::kEs256, kLongAgo, 36'500).value();
    const auto key = generate_key(SignatureAlgorithm::kEs256);
    json chips = json::array();
    for (int i = 1; i <= 3; ++i) {
      IssueRequest request;
      request.common_name = "chip";
      request.serial_number = std::string(31, 'a') + std::to_string(i);
      request.from = kLongAgo;
      request.days = 36'500;
      chips.push_back({{"id", request.serial_number},
                       {"serial", "SN-" + std::to_string(i)},
                       {"maker", "Acme"},
                       {"model", "LAB-100"},
                       {"licence", "L-1"},
                       {"reach", "knock"},
                       {"certificate_pem", authority.issue(request, key->public_key())->pem()}});
    }
    folder.write("makers.json",
                 json::array({{{"name", "Acme"}, {"ca_pem", authority.certificate().pem()}}}).dump());
    folder.write("chips.json", chips.dump());
    folder.write("licences.csv",
                 "id,holder,countries,valid_from,valid_to\nL-1,Holder GmbH,DE,2001-01-01,2099-12-31\n");
    const std::string at = folder.path().string();
    (void)out("import --makers " + at + "/makers.json --licences " + at + "/licences.csv --chips " + at +
              "/chips.json");
  }
  /// The chip's state changes twice.
  void go_and_return(int chip) const {
    const std::string name = "SN-" + std::to_string(chip);
    (void)out("chip absent " + name + " --until 7d --kind transit --reason test");
    (void)out("chip back " + name);
  }
  [[nodiscard]] std::vector<Words> received() const {
    std::vector<Words> lines;
    std::istringstream in{read_file(folder / "received")};
    for (std::string line; std::getline(in, line);) {
      std::istringstream words{line};
      lines.emplace_back(std::istream_iterator<std::string>{words}, std::istream_iterator<std::string>{});
    }
    return lines;
  }
  [[nodiscard]] json sink() const { return json::parse(out("notice sinks -o json")).at(0); }

 private:
  std::string sample_;
};

TEST_CASE("notices: receiver and chiplocd are killed, and each notice is there once, in order of its subject",
          "[program][notices]") {
  NoticeDesk desk;
  desk.start();
  desk.until_up();
  desk.import();
  desk.receive();
  for (int chip = 1; chip <= 3; ++chip) desk.go_and_return(chip);
  NoticeDesk::kill(desk.receiver);
  for (int chip = 1; chip <= 3; ++chip) desk.go_and_return(chip);
  desk.until("an attempt fails", [&] { return has(desk.out("notice log -o ndjson"), "\"unreachable"); });
  NoticeDesk::kill(desk.chiplocd);
  desk.receive();
  desk.start();
  desk.until_up();
  for (int chip = 1; chip <= 3; ++chip) desk.go_and_return(chip);
  desk.until("nothing waits", [&] { return desk.sink()["waiting"] == 0; });
  CHECK(desk.sink()["dead"] == 0);

  std::set<std::string> told;
  std::istringstream events{desk.out("notice export --form cloudevents")};
  for (std::string line; std::getline(events, line);) told.insert(json::parse(line)["id"].get<std::string>());
  CHECK(told.size() == 18);
  std::set<std::string> ids;
  std::map<std::string, std::string> last;
  for (const Words& line : desk.received()) {
    REQUIRE(line.size() == 4);
    CHECK(ids.insert(line[0]).second);
    CHECK(last[line[1]] < line[2]);
    last[line[1]] = line[2];
    CHECK(line[3] == "org.chiploc.chip.status_changed.v1");
  }
  CHECK(ids == told);
  CHECK(last.size() == 3);
  for (const auto& [subject, sequence] : last) CHECK(sequence == "00000000000000000006");
}

TEST_CASE("notices: a test says whether it arrives, and what is wrong where it does not",
          "[program][notices]") {
  NoticeDesk desk;
  desk.start();
  desk.until_up();
  const Ran nobody = desk.chiploc("notice test siem");
  CHECK(nobody.exit_code == 69);
  CHECK(has(nobody.output, "siem did not take it: unreachable"));
  desk.receive();
  desk.until("it comes when it is tried again", [&] { return desk.received().size() == 1; });
  desk.until("and that is known", [&] { return desk.sink()["waiting"] == 0; });
  CHECK(has(desk.out("notice test siem"), "siem has taken it: 204 in "));
  CHECK(desk.received().size() == 2);
  NoticeDesk::kill(desk.receiver);
  desk.folder.write("c/siem.secret",
                    "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");  // chiplocd has read the other one
  desk.receive();
  desk.until_it_listens();
  const Ran other = desk.chiploc("notice test siem");
  CHECK(other.exit_code == 69);
  CHECK(has(other.output, "401: not let in; the receiver may have another secret"));
  CHECK(has(read_file(desk.folder / "log"), "notice.failed delivery="));
}

TEST_CASE("notices: a mute hides notices and no state; one is sent after all", "[program][notices]") {
  NoticeDesk desk;
  desk.receive();
  desk.start();
  desk.until_up();
  desk.import();
  CHECK(has(desk.out("mute add --chip SN-1 --until 1d --reason rebuilt"), "rebuilt"));
  desk.go_and_return(1);
  desk.go_and_return(2);
  desk.until("the other chip's arrive", [&] { return desk.received().size() == 2; });
  const json muted = json::parse(desk.out("notice log --muted -o json"));
  REQUIRE(muted.size() == 2);
  CHECK(muted[0]["kind"] == "chip.status_changed");
  CHECK(muted[0]["now"] == "muted");
  CHECK(has(muted[0]["text"].get<std::string>(), "muted by 1 of "));
  CHECK(json::parse(desk.out("mute list -o json"))[0]["hidden"] == 2);
  CHECK(has(desk.out("chip history SN-1"), "absent"));
  CHECK(has(read_file(desk.folder / "log"), "notice.muted kind=chip.status_changed"));
  (void)desk.out("mute end 1");
  (void)desk.out("notice resend " + std::to_string(muted[1]["delivery"].get<int>()));
  desk.until("it arrives", [&] { return desk.received().size() == 3; });
  CHECK(desk.received()[2][0] == muted[1]["notice_id"].get<std::string>());
  desk.go_and_return(1);
  desk.until("what comes later too", [&] { return desk.received().size() == 5; });
}

TEST_CASE("notices: chiplocd ends in time while a receiver never answers, and sends it again",
          "[program][notices]") {
  NoticeDesk desk;
  desk.receive("never");
  desk.start();
  desk.until_up();
  desk.import();
  desk.go_and_return(1);
  desk.until("it is on its way", [&] { return desk.sink()["waiting"] == 2; });
  desk.chiplocd->send_signal(SIGTERM);
  constexpr int kBudgetMs = 10'000;
  CHECK(desk.chiplocd->wait(kBudgetMs) == 0);
  NoticeDesk::kill(desk.receiver);
  desk.receive();
  desk.start();
  desk.until("both arrive", [&] { return desk.received().size() == 2; });
}

TEST_CASE("notices: what is wrong with a sink is told with file and line, and chiplocd does not start",
          "[program][notices]") {
  NoticeDesk desk;
  const auto told = [&](const std::string& from, const std::string& to, int exit_code) {
    std::string lines = desk.sink_lines();
    const std::size_t at = lines.find(from);
    REQUIRE(at != std::string::npos);
    lines.replace(at, from.size(), to);
    const unsigned first = desk.configure(lines);
    const auto line =
        first + static_cast<unsigned>(std::count(lines.begin(), lines.begin() + static_cast<long>(at), '\n'));
    std::string output;
    for (const char* flag : {" --check-config", ""}) {
      const Ran ran = run(program_path("chiplocd") + " --config " + desk.config() + flag + " 2>&1");
      INFO(ran.output);
      CHECK(ran.exit_code == exit_code);
      CHECK(has(ran.output, desk.config() + ":" + std::to_string(line) + ":"));
      output = ran.output;
    }
    return output;
  };
  const std::string secret = "secret = \"siem.secret\"";
  CHECK(has(told(secret, "secret = \"none\"", 69), (desk.folder / "c/none").string()));
  desk.folder.write("c/open", kSecret, std::filesystem::perms{0644});
  CHECK(has(told(secret, "secret = \"open\"", 69), "chmod 600"));
  desk.folder.write("c/bad", "whsec_short\n");
  const std::string bad = told(secret, "secret = \"bad\"", 69);
  CHECK(has(bad, (desk.folder / "c/bad").string()));
  CHECK_FALSE(has(bad, "whsec_short"));
  CHECK(has(told("allow_http", "ca = \"none.pem\"\nallow_http", 69), "none.pem: cannot be read"));
  CHECK(has(told("http://127", "ftp://127", 78), "begins neither with https:// nor with http://"));
  CHECK(has(told("http://127.0.0.1", "http://169.254.169.254", 78),
            "169.254.169.254 is a link-local address, where no notice may be sent"));
  std::string lines = desk.sink_lines();
  lines.erase(lines.find("allow_private = true\n"));
  const unsigned first = desk.configure(lines);
  const Ran ran = run(program_path("chiplocd") + " --config " + desk.config() + " --check-config 2>&1");
  CHECK(ran.exit_code == 78);
  CHECK(has(
      ran.output,
      desk.config() + ":" + std::to_string(first + 2) +
          ": notices.url: 127.0.0.1 is a loopback address, where notices go with allow_private = true alone"));
  desk.configure(desk.sink_lines());
  const Ran good = run(program_path("chiplocd") + " --config " + desk.config() + " --check-config 2>&1");
  INFO(good.output);
  CHECK(good.exit_code == 0);
}

}  // namespace
}  // namespace chiploc
