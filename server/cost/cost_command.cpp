#include "server/cost/cost_command.hpp"

#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "server/cost/cost_output.hpp"
#include "server/policy/policy_file.hpp"
#include "server/text/terminal.hpp"

namespace chiploc {
namespace {

constexpr int kFine = 0, kUsage = 64, kCannot = 69, kBadFile = 78;
constexpr std::size_t kFileMost = std::size_t{256} << 10;

int refuse(int code, const std::string& why) {
  std::cout.flush();
  std::cerr << "chiploc sim cost: " << printable_lines(why) << "\n";
  return code;
}

Result<std::string, std::string> text_of(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  std::string text;
  char part[4096];
  while (in.read(part, sizeof part) || in.gcount() > 0) {
    text.append(part, static_cast<std::size_t>(in.gcount()));
    if (text.size() > kFileMost) return Fail{path + ": larger than 256 KiB; is it the right file?"};
  }
  if (!in.eof() || in.bad()) return Fail{path + ": cannot be read; check the path and its permissions"};
  return text;
}

int say_faults(const std::vector<std::string>& faults) {
  for (const std::string& fault : faults) std::cerr << printable(fault) << "\n";
  return kBadFile;
}

std::string way_names() {
  std::string out;
  for (const WayId id : kAllWays) out += (out.empty() ? "" : " ") + std::string{name_of(id)};
  return out;
}

RiskTier tier_of(const std::string& name) {
  if (name == "high") return RiskTier::kHigh;
  return name == "raised" ? RiskTier::kRaised : RiskTier::kStandard;
}

}  // namespace

int run_cost_command(const CostArguments& arguments) {
  const auto text = text_of(arguments.policy);
  if (!text) return refuse(kUsage, text.error());
  const PolicyFile policy = parse_policy(*text, arguments.policy);
  if (!policy.faults.empty()) return say_faults(policy.faults);
  if (!policy.has_policy)
    return say_faults({arguments.policy +
                       ":1: policy: missing; add a section [policy], or write what is in force with chiploc "
                       "policy show"});

  CostReport report;
  report.assumptions = built_in_assumptions();
  if (!arguments.assumptions.empty()) {
    const auto given = text_of(arguments.assumptions);
    if (!given) return refuse(kUsage, given.error());
    AssumptionsRead read = parse_assumptions(*given, arguments.assumptions, &report.assumptions);
    if (!read.faults.empty()) return say_faults(read.faults);
    report.assumptions = std::move(read.assumptions);
  }
  CostCase wanted;
  wanted.chips = arguments.chips;
  wanted.months = arguments.months;
  wanted.distance_km = arguments.distance_km;
  wanted.anchors = arguments.anchors;
  wanted.margin_km = arguments.margin_km;
  wanted.third_country = arguments.goal == "third-country";
  for (const std::string& name : arguments.without) {
    const auto way = way_of(name);
    if (!way) return refuse(kUsage, "--without " + name + ": no way has this name; they are: " + way_names());
    wanted.without.push_back(*way);
  }
  wanted.key_in_memory = arguments.key == "memory";
  const PolicyFacts facts = facts_of(policy.policy, policy.rules, tier_of(arguments.tier), length_of(wanted));
  report.answer = cost_answer(wanted, facts, report.assumptions);
  report.policy =
      std::filesystem::path{arguments.policy}.filename().string() + " (" + policy.policy.version + ")";
  for (const RuleSection section : {RuleSection::kScheduler, RuleSection::kStatus, RuleSection::kOrders}) {
    if (!policy.has.contains(section)) report.defaults.push_back("[" + std::string{name_of(section)} + "]");
  }

  if (!arguments.write_assumptions.empty()) {
    std::ofstream out{arguments.write_assumptions, std::ios::binary | std::ios::trunc};
    out << assumptions_text(report.assumptions);
    out.close();
    if (!out.good())
      return refuse(kUsage, arguments.write_assumptions + ": cannot be written; name another file");
  }
  if (arguments.output == "json")
    write_cost_json(std::cout, report);
  else if (arguments.output == "csv")
    write_cost_csv(std::cout, report);
  else if (arguments.output == "markdown")
    write_cost_markdown(std::cout, report);
  else
    write_cost_table(std::cout, report);
  std::cout.flush();
  if (!std::cout)
    return refuse(kCannot, "standard output could not be written; look at the disk or the pipe");
  return kFine;
}

}  // namespace chiploc
