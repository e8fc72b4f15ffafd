#include "tests/faults/fault_lab.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <new>
#include <regex>
#include <stdexcept>
#include <thread>

#include "geo/borders/borders.hpp"
#include "server/lab/lab_file.hpp"
#include "server/lab/lab_files.hpp"
#include "tests/support/paths.hpp"

namespace chiploc::faults {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

constexpr auto kLookAgain = 10ms;

LabFile lab_file(const FaultLab::Options& o) {
  std::string text =
      "[lab]\nname = \"faults\"\nseed = 1\nrounds = 1\nparallel = 1\nknock_interval_ms = 200\nprohibited = "
      "[\"CN\"]\n"
      "[policy]\npings = " +
      std::to_string(o.pings) + "\nping_interval_ms = " + std::to_string(o.ping_interval_ms) +
      "\nprepare_deadline_ms = " + std::to_string(o.prepare_deadline_ms) +
      "\nround_deadline_ms = " + std::to_string(o.round_deadline_ms) +
      "\nlinger_ms = " + std::to_string(o.linger_ms) +
      "\n[[licence]]\nid = \"L-AU\"\nholder = \"Southern Data\"\ncountries = [\"AU\"]\n"
      "[[place]]\nname = \"Parramatta\"\nlat = -33.82\nlon = 151.00\n";
  for (int i = 1; i <= o.anchors; ++i) {
    const std::string n = std::to_string(i);
    text += "[[anchor]]\nname = \"a" + n + "\"\nlat = -33." + std::to_string(80 + i) +
            "\nlon = 151.0\noperator = \"Operator " + n + "\"\nnetwork = \"AS" + n + "\"\n" +
            (i > o.rendezvous ? "rendezvous = false\n" : "");
  }
  for (int i = 1; i <= o.chips; ++i) {
    text += "[[chip]]\nserial = \"C-" + std::to_string(i) +
            "\"\nlicence = \"L-AU\"\nsite = \"Parramatta\"\n" + (i % 2 == 0 ? "reach = \"inbound\"\n" : "");
  }
  const Borders& borders = Borders::world();
  auto file = parse_lab_file(text, "faults.toml",
                             {.country_at = [&borders](LatLon place) { return borders.country_at(place); },
                              .known = [&borders](CountryCode code) { return borders.knows(code); }});
  if (!file) throw std::runtime_error{file.error().front()};
  return std::move(file).value();
}

LabLock take_lock() {
  auto lock = LabLock::take({});
  if (!lock) throw std::runtime_error{"all lab numbers are taken"};
  return std::move(*lock);
}

LabPlan make_lab(const FaultLab::Options& options, int number, const fs::path& state) {
  LabPlan plan = plan_lab(lab_file(options), number, state);
  if (!options.fronts) {
    for (LabEndpoint& anchor : plan.anchors) anchor.front = anchor.real;
    for (LabAgent& agent : plan.agents) agent.endpoint.front = agent.endpoint.real;
  }
  LabPlan written = plan;
  // Certificates begin an hour before this: early enough for clocks that are an hour behind.
  const WallTime from{std::chrono::system_clock::now().time_since_epoch() - 3h};
  if (const auto done = write_lab(written, from); !done) throw std::runtime_error{done.error()};
  if (!options.coordinator_of_anchors.empty()) {
    for (const LabEndpoint& anchor : plan.anchors) {
      const fs::path file = anchor.folder / "anchor.toml";
      std::string text = read_file(file);
      text.replace(text.find(plan.coordinator_address), plan.coordinator_address.size(),
                   options.coordinator_of_anchors);
      std::ofstream{file} << text;
    }
  }
  return plan;
}

}  // namespace

FaultLab::FaultLab(Options options)
    : options_{std::move(options)},
      lock_{take_lock()},
      plan_{make_lab(options_, lock_.number(), folder_.path())} {
  make_plan("chiplocd");
  for (const std::string& name : anchors()) make_plan(name);
  for (const std::string& name : agents()) make_plan(name);
  auto client = LabClient::open(plan_.coordinator_address, {.ca = plan_.state / "ca.pem",
                                                            .certificate = plan_.state / "operator/tls.pem",
                                                            .key = plan_.state / "operator/tls.key"});
  if (!client) throw std::runtime_error{client.error()};
  client_ = std::move(client).value();
}

FaultLab::~FaultLab() {
  for (auto& [name, child] : children_) child.ask_to_stop();
  children_.clear();
  for (auto& [name, plan] : plans_) ::munmap(plan.memory, sizeof(FaultPlan));
}

void FaultLab::make_plan(const std::string& name) {
  const fs::path file = plan_.state / (name + ".faults");
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || ::ftruncate(fd, sizeof(FaultPlan)) != 0)
    throw std::runtime_error{"cannot make " + file.string()};
  void* const memory = ::mmap(nullptr, sizeof(FaultPlan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  if (memory == MAP_FAILED) throw std::runtime_error{"cannot map " + file.string()};
  plans_[name] = {new (memory) FaultPlan, file};
}

std::vector<std::string> FaultLab::anchors() const {
  std::vector<std::string> out;
  for (const LabEndpoint& anchor : plan_.anchors) out.push_back(anchor.name);
  return out;
}
std::vector<std::string> FaultLab::agents() const {
  std::vector<std::string> out;
  for (const LabAgent& agent : plan_.agents) out.push_back(agent.endpoint.name);
  return out;
}

std::vector<std::string> FaultLab::command_of(const std::string& name) const {
  std::vector<std::string> out{"/usr/bin/env"};
  if (options_.shim) {
    out.push_back("LD_PRELOAD=" + program_path("libchiploc_fault_shim.so"));
    out.push_back("CHIPLOC_FAULT_PLAN=" + plans_.at(name).file.string());
  }
  std::string program = "chiploc-agent";
  fs::path config = plan_.state / "agents" / name / "agent.toml";
  if (name == "chiplocd") {
    program = "chiplocd";
    config = plan_.state / "chiplocd/chiplocd.toml";
  }
  for (const LabEndpoint& anchor : plan_.anchors) {
    if (anchor.name != name) continue;
    program = "chiploc-anchor";
    config = anchor.folder / "anchor.toml";
  }
  for (const std::string& word : options_.wrapper) {
    out.push_back(word == "%u" ? (source_dir() / "deploy/systemd" / (program + ".service")).string() : word);
  }
  out.insert(out.end(), {program_path(program), "--config", config.string()});
  out.insert(out.end(),
             {"--log-level", program == "chiploc-agent" ? options_.agent_log_level : options_.log_level});
  return out;
}

void FaultLab::launch(const std::string& name) {
  auto child = ChildProcess::start(
      {.name = name, .arguments = command_of(name), .log = plan_.state / "logs" / (name + ".log")});
  if (!child) throw std::runtime_error{child.error()};
  children_.erase(name);
  children_.emplace(name, std::move(child).value());
}

std::string FaultLab::up() {
  launch("chiplocd");
  // gRPC waits ever longer between attempts: none before there is somebody to answer.
  if (!says("chiplocd", "chiplocd.ready", 0, options_.patience) || !client_->status(options_.patience))
    return "chiplocd does not answer:\n" + log("chiplocd");
  const auto request = import_request(plan_.state / "registry");
  if (!request) return request.error();
  const auto imported = client_->import(request.value(), options_.patience);
  if (!imported) return imported.error().text;
  if (imported.value().faults_total() != 0) return imported.value().faults(0).problem();
  for (const std::string& name : anchors()) launch(name);
  for (const std::string& name : agents()) launch(name);
  if (!attached(plan_.anchors.size(), options_.patience)) return "not all anchors attached:\n" + log("a1");
  for (const std::string& name : agents()) {
    if (!says(name, "agent.started", 0, options_.patience)) return name + " did not start:\n" + log(name);
  }
  return {};
}

void FaultLab::kill(const std::string& name) {
  ChildProcess& child = children_.at(name);
  ::kill(child.pid(), SIGKILL);
  child.stop(30s);
}

FaultLab::Ending FaultLab::stop(const std::string& name) {
  const auto from = Clock::now();
  Ending out;
  out.how = children_.at(name).stop(60s);
  out.ms = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - from).count();
  return out;
}

void FaultLab::signal(const std::string& name, int number) { ::kill(children_.at(name).pid(), number); }
bool FaultLab::runs(const std::string& name) { return !children_.at(name).ended(); }
std::string FaultLab::log(const std::string& name) const {
  return read_file(plan_.state / "logs" / (name + ".log"));
}
std::size_t FaultLab::log_size(const std::string& name) const {
  std::error_code none;
  const auto size = fs::file_size(plan_.state / "logs" / (name + ".log"), none);
  return none ? 0 : size;
}

bool FaultLab::says(const std::string& name, const std::string& text, std::size_t from,
                    std::chrono::milliseconds patience) {
  const auto limit = Clock::now() + patience;
  for (;;) {
    const std::string all = log(name);
    if (all.find(text, std::min(from, all.size())) != std::string::npos) return true;
    if (Clock::now() > limit) return false;
    std::this_thread::sleep_for(kLookAgain);
  }
}

bool FaultLab::attached(std::size_t count, std::chrono::milliseconds patience) {
  const auto limit = Clock::now() + patience;
  for (;;) {
    const auto status = client_->status(2s);
    if (status && status.value().anchors_connected() == count) return true;
    if (Clock::now() > limit) return false;
    std::this_thread::sleep_for(kLookAgain);
  }
}

bool FaultLab::serves(const std::string& name, std::size_t log_from, std::chrono::milliseconds patience) {
  const std::string sign = name == "chiplocd" ? "chiplocd.ready"
                           : name[0] == 'a'   ? "uplink.attached"
                                              : "agent.started";
  return says(name, sign, log_from, patience);
}

std::chrono::milliseconds FaultLab::round_limit() const {
  return std::chrono::milliseconds{options_.prepare_deadline_ms + options_.round_deadline_ms} + 15s;
}

FaultLab::Verdict FaultLab::verify(int chip) {
  return client_->verify(plan_.chip_ids[static_cast<std::size_t>(chip)].hex(), round_limit());
}

std::string text_of(const FaultLab::Verdict& verdict) {
  if (!verdict) return verdict.error().text;
  return v1::VerdictState_Name(verdict.value().state());
}

std::string FaultLab::verify_until(int chip, const std::string& state, int rounds) {
  std::string last;
  for (int i = 0; i < rounds && last != state; ++i) last = text_of(verify(chip));
  return last;
}

Deliveries deliveries_in(const std::string& log) {
  Deliveries out;
  std::string id;
  std::istringstream lines{log};
  static const std::regex kStarted{"anchor.started name=\\S+ id=([0-9a-f]{32}) "};
  static const std::regex kSent{"uplink.sent spool_id=([0-9]+) kind=([0-9]+)$"};
  static const std::regex kAcknowledged{"uplink.acknowledged spool_id=([0-9]+)$"};
  std::smatch match;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("uplink.") == std::string::npos && line.find("anchor.started") == std::string::npos)
      continue;
    if (std::regex_search(line, match, kStarted)) {
      id = match[1];
    } else if (std::regex_search(line, match, kSent)) {
      out.sent[{id, std::stoull(match[1])}] = std::stoi(match[2]);
    } else if (std::regex_search(line, match, kAcknowledged)) {
      out.acknowledged.insert({id, std::stoull(match[1])});
    }
  }
  return out;
}

namespace {
template <class Row>
void each_row(sqlite3* db, const char* sql, Row row) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db, sql, -1, &statement, nullptr) != SQLITE_OK)
    throw std::runtime_error{std::string{sql} + ": " + sqlite3_errmsg(db)};
  while (sqlite3_step(statement) == SQLITE_ROW) row(statement);
  sqlite3_finalize(statement);
}
std::string text_at(sqlite3_stmt* row, int column) {
  return reinterpret_cast<const char*>(sqlite3_column_text(row, column));
}
}  // namespace

StoreView read_store(const fs::path& database) {
  sqlite3* db = nullptr;
  if (sqlite3_open_v2(database.c_str(), &db, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK)
    throw std::runtime_error{database.string() + ": " + sqlite3_errmsg(db)};
  sqlite3_busy_timeout(db, 10'000);
  StoreView out;
  const auto keys = [&](const char* table, std::set<SpoolKey>& into) {
    const std::string sql =
        "SELECT lower(hex(anchor)), spool_id FROM " + std::string{table} + " WHERE spool_id IS NOT NULL";
    each_row(db, sql.c_str(), [&](sqlite3_stmt* row) {
      into.insert({text_at(row, 0), static_cast<std::uint64_t>(sqlite3_column_int64(row, 1))});
    });
  };
  keys("reports", out.reports);
  keys("statements", out.statements);
  keys("knocks", out.knocks);
  keys("mesh", out.mesh);
  const auto number = [&](const char* sql, std::int64_t& into) {
    each_row(db, sql, [&](sqlite3_stmt* row) { into += sqlite3_column_int64(row, 0); });
  };
  number("SELECT count(*) - 1 FROM reports GROUP BY round_no, anchor", out.doubled);
  number("SELECT count(*) - 1 FROM mesh GROUP BY anchor, window_end_unix_ns", out.doubled);
  each_row(db, "SELECT state, count(*) FROM rounds GROUP BY state", [&](sqlite3_stmt* row) {
    out.rounds.at(static_cast<std::size_t>(sqlite3_column_int64(row, 0))) = sqlite3_column_int64(row, 1);
  });
  number("SELECT count(*) FROM rounds WHERE state = 2 AND round_no NOT IN (SELECT round_no FROM tickets)",
         out.tickets_missing);
  number("SELECT count(*) FROM licences", out.licences);
  each_row(db, "PRAGMA integrity_check", [&](sqlite3_stmt* row) { out.integrity += text_at(row, 0); });
  sqlite3_close(db);
  return out;
}

}  // namespace chiploc::faults
