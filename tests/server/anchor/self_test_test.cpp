// chiploc-anchor selftest: the judgement by itself, and the real program on this machine's loopback.
#include "server/anchor/self_test.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "server/anchor/self_test_clocks.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/command.hpp"
#include "tests/support/paths.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

SelfTestResult healthy() {
  SelfTestResult out;
  StampRow row;
  row.listen.address[0] = row.target.address[0] = 127;
  row.listen.port = row.target.port = 7411;
  row.interface = "eth0";
  row.sent = row.transmit_kernel = row.received = row.receive_kernel = row.measured = 300;
  out.stamps = {row};
  out.claims = {{"eth0", true, true, true, true, 0}};
  out.rates = {{"monotonic", 3, 1, 5}, {"wall", 3, 1, 5}};
  out.spread = {100ns, 200ns, 5us};
  out.discipline = {true, 0, 3, true, true, {"chronyd"}};
  out.peer = true;
  out.stamps[0].transmit_card = out.stamps[0].receive_card = 300;
  return out;
}

std::string only_fault(const SelfTestResult& result) {
  const FitnessVerdict verdict = judge_fitness(result);
  REQUIRE(verdict.faults.size() == 1);
  CHECK(self_test_table(result, verdict).find("\nnot fit to be an anchor\n") != std::string::npos);
  return verdict.faults[0];
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("judge_fitness: a machine whose stamps all come and whose clocks are quiet is fit", "[anchor]") {
  const SelfTestResult result = healthy();
  const FitnessVerdict verdict = judge_fitness(result);
  CHECK(verdict.faults.empty());
  CHECK(verdict.notes.empty());
  CHECK(has(self_test_table(result, verdict), "\nfit to be an anchor\n"));
}

TEST_CASE("judge_fitness: interfaces that no stamp came from are named as untried", "[anchor]") {
  SelfTestResult result = healthy();
  result.claims.push_back({"lo", true, true, false, false, -1});
  CHECK(judge_fitness(result).untried.empty());
  result.stamps[0].interface = "lo";
  result.claims.push_back({"eth1", true, true, false, false, -1});
  const FitnessVerdict verdict = judge_fitness(result);
  CHECK(verdict.faults.empty());
  CHECK(verdict.untried == std::vector<std::string>{"eth0", "eth1"});
  CHECK(has(self_test_table(result, verdict),
            "\nfit to be an anchor, as far as was tried: nothing is known of eth0, eth1 but "));
}

TEST_CASE("judge_fitness: stamps that do not come, clocks that are bent, each named", "[anchor]") {
  SelfTestResult result = healthy();
  result.stamps[0].transmit_kernel = 269;
  CHECK(has(only_fault(result), "kernel transmit stamps of 269 of 300 pings"));
  result.stamps[0].transmit_kernel = 270;
  CHECK(judge_fitness(result).faults.empty());

  result = healthy();
  result.stamps[0].receive_kernel = 0;
  CHECK(has(only_fault(result), "kernel receive stamps of 0 of 300 datagrams"));
  result = healthy();
  result.stamps[0].received = result.stamps[0].receive_kernel = 0;
  CHECK(has(only_fault(result), "nothing came back from 127.0.0.0:7411"));
  result = healthy();
  result.stamps[0].sent = 0;
  CHECK(has(only_fault(result), "no ping could be sent to 127.0.0.0:7411"));
  result = healthy();
  result.rates[0].least = -83'333;
  CHECK(has(only_fault(result), "the monotonic clock ran up to 83333 ppm off the raw one"));
  result = healthy();
  result.steps = 1;
  CHECK(has(only_fault(result), "the wall clock was set 1 times"));
  result = healthy();
  result.apart_ppm = 500;
  CHECK(has(only_fault(result), "they do not share one rate"));
  result = healthy();
  result.spread.median = 11us;
  CHECK(has(only_fault(result), "reading the clocks takes 11000 ns"));
  result = healthy();
  result.rates.clear();
  CHECK(has(only_fault(result), "the raw clock does not run"));
}

TEST_CASE(
    "self test clocks: a wall clock that is set is a step, one that is slewed a rate, and two rates are told",
    "[anchor]") {
  // Two seconds of readings, one a millisecond; what the wall and the monotonic clock gain beside the raw
  // one.
  const auto watched = [](double wall_ppm, double steady_ppm, Nanoseconds set_at_half) {
    SelfTestClocks clocks;
    for (int i = 0; i <= 2'000; ++i) {
      const Nanoseconds raw = i * Nanoseconds{1ms};
      const auto gained = [&](double ppm) {
        return Nanoseconds{std::llround(static_cast<double>(raw.count()) * ppm * 1e-6)};
      };
      clocks.add({.steady = SteadyTime{raw + gained(steady_ppm)},
                  .wall = WallTime{raw + gained(wall_ppm) + (i >= 1'000 ? set_at_half : 0ns)},
                  .raw = RawTime{raw},
                  .spread = i == 7 ? 3us : 100ns});
    }
    SelfTestResult out = healthy();
    clocks.finish(out);
    return out;
  };
  const SelfTestResult quiet = watched(20.0, 20.0, 0ns);
  CHECK(judge_fitness(quiet).faults.empty());
  CHECK(quiet.steps == 0);
  CHECK(quiet.rates.at(0).mean == Approx(20.0).margin(0.01));
  CHECK(quiet.spread.median == 100ns);
  CHECK(quiet.spread.most == 3us);
  for (const Nanoseconds set : {Nanoseconds{12us}, Nanoseconds{-12us}, Nanoseconds{1s}, Nanoseconds{-1s}}) {
    CAPTURE(set.count());
    const SelfTestResult stepped = watched(0.0, 0.0, set);
    CHECK(stepped.steps == 1);
    CHECK(stepped.apart_ppm < 1.0);
    CHECK(has(only_fault(stepped), "was set 1 times"));
  }
  const SelfTestResult slewed = watched(-83'333.0, -83'333.0, 0ns);
  CHECK(slewed.steps == 0);
  CHECK(judge_fitness(slewed).faults.size() == 2);  // both clocks, each by name
  const SelfTestResult apart = watched(80.0, 0.0, 0ns);
  CHECK(apart.steps == 0);
  CHECK(apart.apart_ppm == Approx(78.0).margin(0.5));  // less two readings' spreads of 100 ns in 100 ms
  CHECK(has(only_fault(apart), "they do not share one rate"));
}

TEST_CASE("judge_fitness: a card that claims stamps and delivers none is told of and no fault", "[anchor]") {
  SelfTestResult result = healthy();
  result.stamps[0].transmit_card = 0;
  FitnessVerdict verdict = judge_fitness(result);
  CHECK(verdict.faults.empty());
  REQUIRE(verdict.notes.size() == 1);
  CHECK(has(verdict.notes[0], "eth0: claims stamps of its card and delivers none at sending"));
  result = healthy();
  result.stamps[0].receive_card = 0;
  CHECK(has(judge_fitness(result).notes.at(0), "delivers none at receiving"));
  result.stamps[0].interface = "lo";
  CHECK(has(judge_fitness(result).notes.at(0), "not tried"));
}

TEST_CASE("judge_fitness: who steers the clock, or that nobody is seen to, is said", "[anchor]") {
  SelfTestResult result = healthy();
  result.discipline = {true, -100'000, 0, false, false, {}};
  const FitnessVerdict verdict = judge_fitness(result);
  CHECK(verdict.faults.empty());
  REQUIRE(verdict.notes.size() == 2);
  CHECK(has(verdict.notes[0], "unsynchronised"));
  CHECK(has(verdict.notes[1], "no program that steers the clock"));
  CHECK(has(self_test_table(result, verdict), "unsynchronised, tick -100000 ppm"));
}

const std::string kProgram = program_path("chiploc-anchor") + " selftest ";

TEST_CASE(
    "chiploc-anchor selftest: on loopback kernel stamps come both ways, and the exit "
    "code says what the output says",
    "[anchor][programs]") {
  const Ran ran = run(kProgram + "--listen 127.0.0.1:0 --seconds 0.6 -o json");
  CAPTURE(ran.output);
  const auto json = nlohmann::json::parse(ran.output);
  CHECK(ran.exit_code == (json.at("fit").get<bool>() ? 0 : 1));
  CHECK(json.at("fit") == json.at("faults").empty());
  REQUIRE(json.at("stamps").size() == 1);
  const auto& row = json.at("stamps").at(0);
  CHECK(row.at("interface") == "lo");
  CHECK(row.at("sent") >= 10);
  CHECK(row.at("received") == row.at("sent"));
  CHECK(row.at("transmit_kernel") == row.at("sent"));
  CHECK(row.at("receive_kernel").get<int>() * 10 >= row.at("received").get<int>() * 9);
  CHECK(row.at("measured").get<int>() * 10 >= row.at("received").get<int>() * 9);
  CHECK(row.at("transmit_card") == 0);
  CHECK(json.at("rates_ppm").contains("monotonic"));
  CHECK(json.at("rates_ppm").contains("wall"));
  CHECK(json.at("spread_ns").at("median").get<int>() > 0);
  CHECK(json.at("discipline").contains("seen"));
  bool loopback = false;
  for (const auto& claim : json.at("claims")) loopback |= claim.at("interface") == "lo";
  CHECK(loopback);
}

TEST_CASE("chiploc-anchor selftest: the table ends with the judgement", "[anchor][programs]") {
  const Ran ran = run(kProgram + "--seconds 0.4");
  CAPTURE(ran.output);
  CHECK(has(ran.output, "LISTEN"));
  CHECK(has(ran.output, "CLOCK AGAINST RAW, PPM"));
  CHECK(has(ran.output, "CLOCK DISCIPLINE"));
  // Nothing but loopback is tried without a peer: any other interface here is named.
  CHECK(has(ran.output, ran.exit_code == 0 ? "\nfit to be an anchor" : "\nnot fit to be an anchor\n"));
}

TEST_CASE("chiploc-anchor selftest: a peer that does not answer makes it unfit, exit code 1",
          "[anchor][programs]") {
  // A port of ours that nobody reads from.
  const auto deaf = UdpSocket::open({.listen = {4, {127, 0, 0, 1}, 0}});
  REQUIRE(deaf);
  const Ran ran = run(kProgram + "--seconds 0.4 --peer 127.0.0.1:" + std::to_string((*deaf)->local().port));
  CAPTURE(ran.output);
  CHECK(ran.exit_code == 1);
  CHECK(has(ran.output, "nothing came back from 127.0.0.1:"));
}

TEST_CASE("chiploc-anchor selftest: wrong words are refused by name", "[anchor][programs]") {
  Ran ran = run(kProgram + "--listen nowhere 2>&1");
  CHECK(ran.exit_code == 64);
  CHECK(has(ran.output, "--listen nowhere: no address and port"));
  ran = run(kProgram + "--seconds 0 2>&1");
  CHECK(ran.exit_code == 64);
  ran = run(kProgram + "-o yaml 2>&1");
  CHECK(ran.exit_code == 64);
  const auto taken = UdpSocket::open({.listen = {4, {127, 0, 0, 1}, 0}});
  REQUIRE(taken);
  ran = run(kProgram + "--listen 127.0.0.1:" + std::to_string((*taken)->local().port) + " 2>&1");
  CHECK(ran.exit_code == 69);
  CHECK(has(ran.output, "cannot listen: Address already in use"));
}

}  // namespace
}  // namespace chiploc
