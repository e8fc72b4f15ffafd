// chiploc-rogue-agent: an agent for the lab that misbehaves in one named way. It is chiploc-agent (see
// agent/main.cpp for its thread and the path of a packet) with one part wrapped; never install it.
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>
#include <sstream>

#include "agent/program.hpp"
#include "agent/rogue/behaviours.hpp"
#include "proto/base/process_secrets.hpp"
#include "proto/crypto/key_store.hpp"

namespace {
using namespace chiploc;

constexpr const char* kHelp =
    R"(chiploc-rogue-agent is chiploc-agent with one thing wrong, for the lab. Never install it.

usage: chiploc-rogue-agent --config FILE --behaviour NAME [options of chiploc-agent]

  --behaviour stalled    holds every PONG back for --stall-ms X (above 0, to 10000; default 40). With
                         --stall-law uniform for up to --stall-spread-ms X more, with --stall-law exponential
                         for so much more in the mean; the default is fixed
  --behaviour forged     signs statements with --forged-key FILE instead of the chip's key
  --behaviour replaying  sends the previous round's statement
  --behaviour early      answers each PING, and the --early-answers N after it (1 to 16; default 1) before they come
  --behaviour lying      claims to have spent 50 ms on every ping, or --claim-ms N (0 to 4000)

example: chiploc-rogue-agent --config agent.toml --behaviour stalled --stall-ms 80

exit codes: 0 fine, 64 usage, 69 cannot start, 70 internal error, 78 bad configuration
)";

constexpr std::uint32_t kNanosecondsPerMillisecond = 1'000'000;

struct Choice {
  std::string behaviour;
  double stall_ms = 40;
  double stall_spread_ms = 0;
  StallLaw stall_law = StallLaw::kFixed;
  std::uint32_t claim_ms = 50;
  std::uint32_t early_answers = 1;
  std::string forged_key;
};

class RogueParts final : public AgentParts {
 public:
  explicit RogueParts(Choice choice)
      : choice_{std::move(choice)}, residence_{choice_.claim_ms * kNanosecondsPerMillisecond} {}

  Result<Done, StartFault> prepare(const DeviceIdentity& device) override {
    if (choice_.behaviour != "forged") return Done{};
    KeyOptions options;
    options.uri = "file:" + choice_.forged_key;
    auto key = open_signer(options);
    if (!key) return Fail{StartFault{AgentExit::kCannotStart, "--forged-key: " + key.error().text}};
    issuer_ = std::make_unique<ForgingIssuer>(std::move(*key), device.certificate);
    return Done{};
  }
  StatementIssuer& statements(StatementIssuer& honest) override {
    if (choice_.behaviour == "replaying") issuer_ = std::make_unique<ReplayingIssuer>(honest, random_);
    return issuer_ ? *issuer_ : honest;
  }
  ResidenceClock& residence(ResidenceClock& honest) override {
    return choice_.behaviour == "lying" ? residence_ : honest;
  }
  AgentPacketHandler& handler(AgentPacketHandler& honest) override {
    if (choice_.behaviour == "early") {
      handler_ = std::make_unique<EarlyHandler>(honest, choice_.early_answers, random_);
      return *handler_;
    }
    if (choice_.behaviour != "stalled") return honest;
    const auto from_ms = [](double ms) { return Nanoseconds{std::llround(ms * kNanosecondsPerMillisecond)}; };
    handler_ = std::make_unique<StallingHandler>(honest,
                                                 Stall{.least = from_ms(choice_.stall_ms),
                                                       .spread = from_ms(choice_.stall_spread_ms),
                                                       .law = choice_.stall_law},
                                                 random_);
    return *handler_;
  }

 private:
  Choice choice_;
  AgentSystemRandom random_;
  LyingResidence residence_;
  std::unique_ptr<StatementIssuer> issuer_;
  std::unique_ptr<AgentPacketHandler> handler_;
};

/// A number within the bounds; the fault is the option's name and what it takes.
template <class Number>
Result<Number, std::string> number(const AgentArguments& arguments, const char* name, Number min, Number max,
                                   Number otherwise) {
  const auto found = arguments.more.find(name);
  if (found == arguments.more.end()) return otherwise;
  const std::string& text = found->second;
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= min && value <= max)) {
    std::ostringstream fault;
    fault << name << " takes a number from " << min << " to " << max;
    return Fail{fault.str()};
  }
  return value;
}

Result<Choice, std::string> choose(const AgentArguments& arguments) {
  Choice choice;
  if (const auto found = arguments.more.find("--behaviour"); found != arguments.more.end()) {
    choice.behaviour = found->second;
  }
  constexpr std::array<std::string_view, 5> kKnown{"stalled", "forged", "replaying", "lying", "early"};
  bool known = false;
  for (const auto name : kKnown) known = known || name == choice.behaviour;
  if (!known) return Fail{std::string{"--behaviour is one of stalled, forged, replaying, lying, early"}};
  const auto stall = number(arguments, "--stall-ms", 0.001, 10'000.0, choice.stall_ms);
  if (!stall) return Fail{stall.error()};
  const auto spread = number(arguments, "--stall-spread-ms", 0.0, 10'000.0, choice.stall_spread_ms);
  if (!spread) return Fail{spread.error()};
  const auto claim = number<std::uint32_t>(arguments, "--claim-ms", 0, 4'000, choice.claim_ms);
  if (!claim) return Fail{claim.error()};
  const auto early = number<std::uint32_t>(arguments, "--early-answers", 1, 16, choice.early_answers);
  if (!early) return Fail{early.error()};
  choice.early_answers = *early;
  choice.stall_ms = *stall;
  choice.stall_spread_ms = *spread;
  if (const auto found = arguments.more.find("--stall-law"); found != arguments.more.end()) {
    if (found->second == "uniform")
      choice.stall_law = StallLaw::kUniform;
    else if (found->second == "exponential")
      choice.stall_law = StallLaw::kExponential;
    else if (found->second != "fixed")
      return Fail{std::string{"--stall-law is one of fixed, uniform, exponential"}};
  }
  choice.claim_ms = *claim;
  if (const auto found = arguments.more.find("--forged-key"); found != arguments.more.end()) {
    choice.forged_key = found->second;
  }
  if (choice.behaviour == "forged" && choice.forged_key.empty()) {
    return Fail{std::string{"--behaviour forged needs --forged-key FILE"}};
  }
  return choice;
}
}  // namespace

int main(int argc, char** argv) {
  keep_memory_private();
  const AgentProgram program{"chiploc-rogue-agent", kHelp};
  constexpr std::array<std::string_view, 7> kOptions{"--behaviour",    "--stall-ms", "--stall-spread-ms",
                                                     "--stall-law",    "--claim-ms", "--forged-key",
                                                     "--early-answers"};
  const std::span<const char* const> raw{argv, static_cast<std::size_t>(argc)};
  const auto arguments = parse_agent_arguments(raw.subspan(raw.empty() ? 0 : 1), kOptions);
  if (!arguments) return static_cast<int>(usage_fault(program, arguments.error()));
  if (arguments->help || arguments->version) return static_cast<int>(print_and_leave(program, *arguments));
  auto choice = choose(*arguments);
  if (!choice) return static_cast<int>(usage_fault(program, choice.error()));
  RogueParts parts{std::move(*choice)};
  return static_cast<int>(run_agent(*arguments, parts));
}
