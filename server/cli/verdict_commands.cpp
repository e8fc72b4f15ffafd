#include <algorithm>
#include <cmath>
#include <fstream>
#include <utility>

#include "server/cli/commands.hpp"
#include "server/cli/evidence_folder.hpp"
#include "server/cli/verdict_map.hpp"
#include "server/cli/verdict_text.hpp"
#include "server/cli/watch.hpp"
#include "server/service/json_view.hpp"

namespace chiploc {
namespace {

std::vector<Column> verdict_columns() {
  return {{"decided_at", "DECIDED", ""},   {"verdict_id", "VERDICT", ""},
          {"chip_id", "CHIP", ""},         {"state", "STATE", ""},
          {"reason_codes", "REASONS", ""}, {"countries", "COUNTRIES", ""},
          {"expires_at", "EXPIRES", ""},   {"expired", "", ""}};
}

Json verdict_record(const v1::Verdict& verdict, WallTime now) {
  Json record = json_of(verdict);
  record["expired"] = expired(verdict, now);
  return record;
}

std::vector<Cell> verdict_cells(const v1::Verdict& verdict, WallTime now) {
  std::string reasons;
  for (const auto& reason : verdict.reasons())
    reasons += (reasons.empty() ? "" : " ") + printable(reason.code());
  std::string countries;
  for (const auto& country : verdict.countries())
    countries += (countries.empty() ? "" : " ") + printable(country);
  constexpr std::size_t kCountriesShown = 24;  // eight codes; more of them say "nearly anywhere"
  if (countries.size() > kCountriesShown) {
    countries = std::to_string(verdict.countries_size()) + " countries";
  }
  return {{short_time(verdict.decided_unix_ns())},
          {hex_of(verdict.verdict_id())},
          {hex_of(verdict.chip_id())},
          state_cell(verdict, now),
          {reasons},
          {countries},
          {short_time(verdict.expires_unix_ns())},
          {""}};
}

CommandResult write_file(const std::string& path, const std::string& content) {
  std::ofstream out{path, std::ios::binary | std::ios::trunc};
  out << content;
  out.close();
  if (!out) return Fail{CliFault{ExitCode::kUsage, path + ": cannot be written; name another file"}};
  return ExitCode::kFine;
}

}  // namespace

std::vector<v1::VerdictState> states_of(const std::vector<std::string>& names) {
  std::vector<v1::VerdictState> states;
  for (const std::string& name : names) {
    v1::VerdictState state{};
    if (v1::VerdictState_Parse(name, &state)) states.push_back(state);  // CLI11 has checked the names
  }
  return states;
}

bool expired(const v1::Verdict& verdict, WallTime now) {
  return Nanoseconds{verdict.expires_unix_ns()} <= now.since_epoch;
}

Cell state_cell(const v1::Verdict& verdict, WallTime now) {
  if (expired(verdict, now)) return {state_name(verdict.state()) + " (expired)", Colour::kDim};
  return {state_name(verdict.state()), colour_of(verdict.state())};
}

void write_verdict_as(CommandContext& context, const v1::Verdict& verdict) {
  switch (context.format) {
    case OutputFormat::kTable:
      write_verdict(context.out, verdict, context.out_colour);
      return;
    case OutputFormat::kJson:
    case OutputFormat::kNdjson:
      write_json(context.out, context.format, verdict_record(verdict, context.now));
      return;
    case OutputFormat::kGeojson:
      write_json(context.out, context.format, verdict_map(verdict));
      return;
    case OutputFormat::kCsv: {
      RecordWriter writer{context.out, context.format, verdict_columns(), false};
      writer.add({}, verdict_record(verdict, context.now));
      return;
    }
  }
}

CommandResult verify_chip(CommandContext& context) {
  using std::chrono::milliseconds;
  const CliOptions& options = context.options;
  v1::VerifyRequest request;
  request.set_chip(options.chip);
  const milliseconds deadline{std::llround(options.deadline_s * 1000)};
  request.set_deadline_ms(static_cast<std::uint32_t>(deadline.count()));
  // Without --deadline the policy's holds, which only the coordinator knows; no policy allows more than ten
  // minutes.
  constexpr milliseconds kLongestRound = std::chrono::minutes{10};
  const milliseconds patience =
      (deadline.count() > 0 ? deadline : kLongestRound) + std::chrono::seconds{options.timeout_s};

  RoundWatch watch{context.err, context.err_rows, context.err_colour};
  const bool lines = options.watch && context.format == OutputFormat::kNdjson;
  const auto verdict = context.client.verify(request, patience, [&](const v1::VerifyEvent& event) {
    if (lines) {
      write_json(context.out, context.format, json_of(event));
      context.out.flush();
    } else if (options.watch) {
      watch.on_event(event);
    }
  });
  if (!verdict) return Fail{CliFault{verdict.error().code, in_terms_of_option(verdict.error().text)}};
  if (!lines) write_verdict_as(context, *verdict);
  return exit_code_of(verdict->state());
}

CommandResult verdict_list(CommandContext& context) {
  constexpr unsigned kPage = 500;
  RecordWriter writer{context.out, context.format, verdict_columns(), context.out_colour};
  v1::ListVerdictsRequest request;
  request.set_chip(context.options.chip);
  for (const auto state : states_of(context.options.states)) request.add_states(state);
  unsigned left = context.options.limit == 0 ? ~0U : context.options.limit;
  while (left > 0) {
    request.set_page_size(std::min(left, kPage));
    const auto page = context.client.list_verdicts(request);
    if (!page) return Fail{page.error()};
    for (const auto& verdict : page->verdicts()) {
      writer.add(verdict_cells(verdict, context.now), verdict_record(verdict, context.now));
    }
    left -= std::min(left, static_cast<unsigned>(page->verdicts_size()));
    request.set_page_token(page->next_page_token());
    if (request.page_token().empty()) break;
  }
  writer.finish("no verdicts");
  return ExitCode::kFine;
}

CommandResult verdict_show(CommandContext& context) {
  const std::string& folder = context.options.evidence_folder;
  v1::GetVerdictRequest request;
  request.set_verdict(context.options.verdict);
  request.set_with_evidence(!folder.empty());
  const auto answer = context.client.verdict(request);
  if (!answer) return Fail{answer.error()};
  if (!folder.empty()) {
    const auto files = evidence_files(answer->evidence());
    if (const auto written = write_evidence(files, folder); !written) {
      return Fail{CliFault{ExitCode::kUsage, written.error()}};
    }
    context.err << "evidence: " << files.size() << " files in " << folder << '\n';
  }
  write_verdict_as(context, answer->verdict());
  return ExitCode::kFine;
}

CommandResult verdict_map_file(CommandContext& context) {
  v1::GetVerdictRequest request;
  request.set_verdict(context.options.verdict);
  const auto answer = context.client.verdict(request);
  if (!answer) return Fail{answer.error()};
  const Json map = verdict_map(answer->verdict());
  if (map.at("features").empty()) {
    return Fail{CliFault{
        ExitCode::kRefused,
        "this verdict shows no places: either nothing was measured, or the certificate's role is reader; "
        "use an admin's certificate"}};
  }
  if (!context.options.out_file.empty()) return write_file(context.options.out_file, map.dump() + "\n");
  write_json(context.out, context.format, map);
  return ExitCode::kFine;
}

}  // namespace chiploc
