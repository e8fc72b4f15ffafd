// chiploc-rogue-agent: an agent for the lab that misbehaves in one named way. It is chiploc-agent (see
// agent/main.cpp for its thread and the path of a packet) with one part wrapped; never install it.
#include <array>
#include <charconv>
#include <limits>
#include <span>

#include "agent/program.hpp"
#include "agent/rogue/behaviours.hpp"
#include "proto/base/process_secrets.hpp"
#include "proto/crypto/key_store.hpp"

namespace {
using namespace chiploc;

constexpr const char* kHelp =
    R"(chiploc-rogue-agent is chiploc-agent with one thing wrong, for the lab. Never install it.

usage: chiploc-rogue-agent --config FILE --behaviour NAME [options of chiploc-agent]

  --behaviour stalled    holds every PONG back for --stall-ms N (1 to 10000; default 40)
  --behaviour forged     signs statements with --forged-key FILE instead of the chip's key
  --behaviour replaying  sends the previous round's statement
  --behaviour lying      claims to have spent 50 ms on every ping, or --claim-ms N (0 to 4000)

example: chiploc-rogue-agent --config agent.toml --behaviour stalled --stall-ms 80

exit codes: 0 fine, 64 usage, 69 cannot start, 70 internal error, 78 bad configuration
)";

constexpr std::uint32_t kNanosecondsPerMillisecond = 1'000'000;

struct Choice {
  std::string behaviour;
  std::uint32_t stall_ms = 40;
  std::uint32_t claim_ms = 50;
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
    if (choice_.behaviour != "stalled") return honest;
    stalling_ = std::make_unique<StallingHandler>(honest, std::chrono::milliseconds{choice_.stall_ms});
    return *stalling_;
  }

 private:
  Choice choice_;
  AgentSystemRandom random_;
  LyingResidence residence_;
  std::unique_ptr<StatementIssuer> issuer_;
  std::unique_ptr<StallingHandler> stalling_;
};

/// A whole number within the bounds; the fault is the option's name and what it takes.
Result<std::uint32_t, std::string> number(const AgentArguments& arguments, const char* name,
                                          std::uint32_t min, std::uint32_t max, std::uint32_t otherwise) {
  const auto found = arguments.more.find(name);
  if (found == arguments.more.end()) return otherwise;
  const std::string& text = found->second;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < min || value > max) {
    return Fail{std::string{name} + " takes a number from " + std::to_string(min) + " to " +
                std::to_string(max)};
  }
  return value;
}

Result<Choice, std::string> choose(const AgentArguments& arguments) {
  Choice choice;
  if (const auto found = arguments.more.find("--behaviour"); found != arguments.more.end()) {
    choice.behaviour = found->second;
  }
  constexpr std::array<std::string_view, 4> kKnown{"stalled", "forged", "replaying", "lying"};
  bool known = false;
  for (const auto name : kKnown) known = known || name == choice.behaviour;
  if (!known) return Fail{std::string{"--behaviour is one of stalled, forged, replaying, lying"}};
  const auto stall = number(arguments, "--stall-ms", 1, 10'000, choice.stall_ms);
  if (!stall) return Fail{stall.error()};
  const auto claim = number(arguments, "--claim-ms", 0, 4'000, choice.claim_ms);
  if (!claim) return Fail{claim.error()};
  choice.stall_ms = *stall;
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
  constexpr std::array<std::string_view, 4> kOptions{"--behaviour", "--stall-ms", "--claim-ms",
                                                     "--forged-key"};
  const std::span<const char* const> raw{argv, static_cast<std::size_t>(argc)};
  const auto arguments = parse_agent_arguments(raw.subspan(raw.empty() ? 0 : 1), kOptions);
  if (!arguments) return static_cast<int>(usage_fault(program, arguments.error()));
  if (arguments->help || arguments->version) return static_cast<int>(print_and_leave(program, *arguments));
  auto choice = choose(*arguments);
  if (!choice) return static_cast<int>(usage_fault(program, choice.error()));
  RogueParts parts{std::move(*choice)};
  return static_cast<int>(run_agent(*arguments, parts));
}
