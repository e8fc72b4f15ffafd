// A call that ends before its answer comes: the line is cut, or a person stops waiting. What is said of it is true, and
// nothing is left behind.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <future>
#include <list>
#include <thread>

#include "tests/server/cli/cli_world.hpp"

namespace chiploc::test {
namespace {

/// Forwards TCP on loopback, and asks `cut` before it hands bytes on: to the server (true) or back from it, and how
/// many the client has sent by then. Where that says so the connection ends and the bytes are lost. One thread.
class CutLine {
 public:
  using Cut = std::function<bool(bool to_server, std::size_t sent)>;
  CutLine(const std::string& target, Cut cut) : cut_{std::move(cut)} {
    target_ = at(static_cast<std::uint16_t>(std::stoi(target.substr(target.rfind(':') + 1))));
    sockaddr_in address = at(0);
    socklen_t size = sizeof address;
    listen_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(::bind(listen_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listen_, 16) == 0);
    REQUIRE(::getsockname(listen_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    REQUIRE(::pipe(wake_.data()) == 0);
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread{[this] { run(); }};
  }
  ~CutLine() {
    ::close(wake_[1]);
    thread_.join();
    for (const Pair& pair : pairs_) end(pair);
    ::close(listen_);
    ::close(wake_[0]);
  }
  CutLine(const CutLine&) = delete;
  CutLine& operator=(const CutLine&) = delete;
  [[nodiscard]] const std::string& address() const { return address_; }
  void refuse() { refuses_ = true; }

 private:
  struct Pair {
    int near, far;
    std::size_t sent = 0;
  };
  static sockaddr_in at(std::uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return out;
  }
  static void end(const Pair& pair) {
    ::close(pair.near);
    ::close(pair.far);
  }
  bool move(Pair& pair, bool to_server) {
    std::array<char, 16'384> buffer{};
    const ssize_t n = ::recv(to_server ? pair.near : pair.far, buffer.data(), buffer.size(), 0);
    if (n <= 0) return false;
    if (to_server) pair.sent += static_cast<std::size_t>(n);
    if (cut_(to_server, pair.sent)) return false;
    return ::send(to_server ? pair.far : pair.near, buffer.data(), static_cast<std::size_t>(n),
                  MSG_NOSIGNAL) == n;
  }
  void run() {
    for (;;) {
      std::vector<pollfd> wait{{wake_[0], POLLIN, 0}, {listen_, POLLIN, 0}};
      for (const Pair& pair : pairs_) {
        wait.push_back({pair.near, POLLIN, 0});
        wait.push_back({pair.far, POLLIN, 0});
      }
      ::poll(wait.data(), wait.size(), -1);
      if (wait[0].revents != 0) return;
      std::size_t i = 2;
      for (auto pair = pairs_.begin(); pair != pairs_.end(); i += 2) {
        const bool alive =
            (wait[i].revents == 0 || move(*pair, true)) && (wait[i + 1].revents == 0 || move(*pair, false));
        if (!alive) end(*pair);
        pair = alive ? std::next(pair) : pairs_.erase(pair);
      }
      if (wait[1].revents == 0) continue;
      const int near = ::accept4(listen_, nullptr, nullptr, SOCK_CLOEXEC);
      const int far = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (refuses_ || ::connect(far, reinterpret_cast<const sockaddr*>(&target_), sizeof target_) != 0) {
        end({near, far});
      } else {
        pairs_.push_back({near, far});
      }
    }
  }

  Cut cut_;
  sockaddr_in target_{};
  int listen_ = -1;
  std::array<int, 2> wake_{-1, -1};
  std::string address_;
  std::list<Pair> pairs_;
  std::atomic<bool> refuses_{false};
  std::thread thread_;
};

constexpr std::size_t kChips = 80;  // with certificates: some hundred kilobytes

/// Registry files on disk, and the command that imports them.
struct Files {
  explicit Files(const Cli& cli) {
    std::vector<std::string> chips;
    for (std::size_t i = 0; i < kChips; ++i)
      chips.push_back(chip_id((i < 10 ? "bb0" : "bb") + std::to_string(i)));
    const auto write = [&](const char* name, const std::string& content) {
      return cli.world.folder.write(name, content).string();
    };
    command = {"import",
               "--makers",
               write("makers.json", cli.world.files.makers_json()),
               "--licences",
               write("licences.csv", RegistryFiles::licences_csv()),
               "--chips",
               write("chips.json", cli.world.files.chips_json(chips))};
  }
  [[nodiscard]] std::vector<std::string> through(const CutLine& line) const {
    std::vector<std::string> out = command;
    out.insert(out.end(), {"--server", line.address()});
    return out;
  }
  std::vector<std::string> command;
};

bool imported(Cli& cli) { return cli.world.registry().get()->chips().size() == kChips; }

TEST_CASE("chiploc import: cut off before the files were there, it says that nothing was imported",
          "[cli][program][import]") {
  Cli cli;
  const Files files{cli};
  bool once = false;
  const CutLine line{cli.world.address(), [&](bool to_server, std::size_t sent) {
                       return to_server && sent > 60'000 && !std::exchange(once, true);
                     }};
  const ProcessResult result = cli.run(files.through(line));
  CHECK(result.exit_code == 69);
  CHECK(has(result.err, "broke off"));
  CHECK(has(result.err, "asking what became of the import"));
  CHECK(has(result.err, "chiploc: nothing was imported; import again"));
  CHECK_FALSE(imported(cli));
  CHECK(cli.run(files.command).exit_code == 0);
}

TEST_CASE("chiploc import: cut off after the files were taken, it says that they are imported",
          "[cli][program][import]") {
  Cli cli;
  const Files files{cli};
  bool once = false;
  const CutLine line{cli.world.address(), [&](bool to_server, std::size_t) {
                       return !to_server && imported(cli) && !std::exchange(once, true);
                     }};
  const ProcessResult result = cli.run(files.through(line));
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(has(result.err, "broke off"));
  CHECK(has(result.err, "imported: all "));
  CHECK(has(result.err, " records are there"));
  CHECK(imported(cli));
}

TEST_CASE("chiploc import: cut off for good, it says how to look it up", "[cli][program][import]") {
  Cli cli;
  const Files files{cli};
  CutLine* all = nullptr;
  CutLine line{cli.world.address(), [&](bool to_server, std::size_t) {
                 if (to_server || !imported(cli)) return false;
                 all->refuse();
                 return true;
               }};
  all = &line;
  const ProcessResult result = cli.run(files.through(line));
  CHECK(result.exit_code == 69);
  CHECK(
      has(result.err, "whether the files were imported is not known. Once chiplocd runs again, look it up"));
  CHECK(has(result.err, "the same command with --dry-run"));
  // As it says:
  std::vector<std::string> look = files.command;
  look.push_back("--dry-run");
  CHECK(has(cli.run(look).out, "would be: 0 added, 0 changed,"));
}

TEST_CASE("chiploc: Ctrl-C says what goes on without us and where to look, and is 130", "[cli][program]") {
  Cli cli;
  cli.world.import({kChipA});
  std::promise<pid_t> started;
  auto pid = started.get_future().share();
  cli.world.rounds().before_verdict = [pid] { ::kill(pid.get(), SIGINT); };
  const ProcessResult verify =
      run_process({chiploc_program(), "verify", "SN-0"}, {{"CHIPLOC_CONFIG", cli.config}},
                  [&](pid_t p) { started.set_value(p); });
  cli.world.rounds().wait();
  CHECK(verify.exit_code == 130);
  CHECK(verify.out.empty());
  CHECK(has(verify.err, "\nchiploc: interrupted; "));
  CHECK(has(verify.err, "goes on; 'chiploc verdict show SN-0' has its verdict when it is done\n"));
  cli.world.rounds().before_verdict = {};
  CHECK(has(cli.out({"verdict", "show", "SN-0"}), "VERIFIED"));  // as it says
}

TEST_CASE("chiploc: Ctrl-C in an import says how to learn its fate", "[cli][program][import]") {
  Cli cli;
  const Files files{cli};
  std::promise<pid_t> started;
  auto pid = started.get_future().share();
  bool once = false;
  const CutLine line{cli.world.address(), [&](bool to_server, std::size_t sent) {
                       if (to_server && sent > 60'000 && !std::exchange(once, true))
                         ::kill(pid.get(), SIGINT);
                       return false;
                     }};
  std::vector<std::string> command = files.through(line);
  command.insert(command.begin(), chiploc_program());
  const ProcessResult result =
      run_process(command, {{"CHIPLOC_CONFIG", cli.config}}, [&](pid_t p) { started.set_value(p); });
  CHECK(result.exit_code == 130);
  CHECK(has(result.err,
            "chiploc: interrupted; the import may be done or not; chiplocd takes all of the files or none"));
}

TEST_CASE("chiploc: Ctrl-C stays ignored where it was ignored at the start", "[cli][program]") {
  Cli cli;
  cli.world.import({kChipA});
  std::promise<pid_t> started;
  auto pid = started.get_future().share();
  cli.world.rounds().before_verdict = [pid] { ::kill(pid.get(), SIGINT); };
  const struct sigaction before = [] {
    struct sigaction ignore {
    }, old{};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGINT, &ignore, &old);
    return old;
  }();
  const ProcessResult verify =
      run_process({chiploc_program(), "verify", "SN-0"}, {{"CHIPLOC_CONFIG", cli.config}},
                  [&](pid_t p) { started.set_value(p); });
  ::sigaction(SIGINT, &before, nullptr);
  cli.world.rounds().wait();
  CHECK(verify.exit_code == 0);
  CHECK(has(verify.out, "VERIFIED"));
}

}  // namespace
}  // namespace chiploc::test
