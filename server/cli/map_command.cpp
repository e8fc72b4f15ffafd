#include "server/cli/map_command.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "server/cli/commands.hpp"
#include "server/cli/interrupt.hpp"
#include "server/cli/verdict_map.hpp"
#include "server/cli/verdict_text.hpp"
#include "server/picture/html.hpp"
#include "server/picture/png.hpp"
#include "server/picture/svg.hpp"
#include "server/service/json_view.hpp"

namespace chiploc {
namespace {

/// All of it, or nothing of it stays behind.
CommandResult write_file(const std::string& path, const std::string& content) {
  const InterruptLater whole;
  errno = 0;
  std::ofstream out{path, std::ios::binary | std::ios::trunc};
  const bool opened = out.is_open();
  out << content;
  out.close();
  if (out) return ExitCode::kFine;
  const std::string cause = errno != 0 ? std::string{": "} + std::strerror(errno) : std::string{};
  std::error_code ignored;
  if (opened && std::filesystem::is_regular_file(path, ignored)) std::filesystem::remove(path, ignored);
  return Fail{CliFault{ExitCode::kUsage, path + ": cannot be written" + cause + "; name another file"}};
}

class VerdictMap : public RemoteCommand {
 public:
  VerdictMap()
      : RemoteCommand{
            {.path = "verdict map",
             .text = "One verdict as a picture with land and borders, or as GeoJSON (auditors, admins)",
             .footer =
                 R"(Region, anchors with their disks and round trips, licensed and prohibited countries and areas, and what delays
suggest. A picture is one file that needs nothing else: no other program, no network, no font. SVG and HTML are bright
or dark as the reader's own setting; HTML can be moved and zoomed.

Examples:
  chiploc verdict map LAB-0018 --html lab-0018.html
  chiploc verdict map 9f3a --png 9f3a.png --theme dark
  chiploc verdict map 9f3a --svg 9f3a.svg
  chiploc verdict map 9f3a --out 9f3a.geojson)",
             .formats = {OutputFormat::kGeojson}}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    CLI::Option* verdict =
        line.add_option("verdict", verdict_, "Verdict id or a prefix of it; or a chip: its newest verdict");
    hints[verdict->required()].names = NameHint::kChips;
    hints[line.add_option("--out", out_file_,
                          "GeoJSON into this file; else, without a picture, to standard output")]
        .files = true;
    hints[line.add_option("--svg", svg_file_, "A picture into this file, as SVG")].files = true;
    hints[line.add_option("--html", html_file_, "A page to zoom into, into this file")].files = true;
    CLI::Option* png = line.add_option("--png", png_file_, "A picture into this file, as PNG");
    hints[png].files = true;
    CLI::Option* theme = line.add_option("--theme", theme_, "Of a PNG")->capture_default_str();
    theme->check(CLI::IsMember({"light", "dark"}))->needs(png);
    hints[theme].choices = {"light", "dark"};
  }

 private:
  CommandResult ask(CommandContext& context) override;
  CommandResult draw(CommandContext& context, const v1::Verdict& verdict, Json map) const;
  std::string verdict_;
  std::string out_file_, svg_file_, html_file_, png_file_;
  std::string theme_ = "light";
};

/// The chip and the holder of its licence, as far as this caller may know them: a picture without them is a
/// picture.
VerdictFacts asked_facts(CommandContext& context, const v1::Verdict& verdict) {
  v1::GetChipRequest request;
  request.set_chip(hex_of(verdict.chip_id()));
  const auto chip = context.client.chip(request);
  if (!chip) return verdict_facts(verdict, {}, "", context.now);
  std::string holder;
  if (const auto licences = context.client.licences()) {
    for (const v1::Licence& licence : licences->licences()) {
      if (licence.licence() == chip->chip().licence()) holder = licence.holder();
    }
  }
  return verdict_facts(verdict, chip->chip(), holder, context.now);
}

/// Areas that the verdict was judged by, as features of role "territory", where the registry still has the very
/// drawing; the names of the others.
std::vector<std::string> add_territories(CommandContext& context, const v1::Verdict& verdict, Json& map) {
  std::vector<std::string> missing;
  const auto& licensed = verdict.licensed();
  std::vector<std::string> names;
  for (const auto& [name, sha256] : verdict.area_sha256()) names.push_back(name);
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    v1::GetTerritoryRequest request;
    request.set_territory(name);
    const auto answer = context.client.territory(request);
    if (!answer || answer->territory().geojson_sha256() != verdict.area_sha256().at(name) ||
        answer->geojson().empty()) {
      missing.push_back(name);
      continue;
    }
    const bool prohibited = std::find(licensed.begin(), licensed.end(), name) == licensed.end();
    add_territory(map, name, prohibited, answer->geojson());
  }
  return missing;
}

CommandResult VerdictMap::draw(CommandContext& context, const v1::Verdict& verdict, Json map) const {
  VerdictFacts facts = asked_facts(context, verdict);
  facts.not_drawn = add_territories(context, verdict, map);
  if (!svg_file_.empty()) {
    if (auto done = write_file(svg_file_, svg_of(draw_verdict(map, facts))); !done) return done;
  }
  if (!html_file_.empty()) {
    if (auto done = write_file(html_file_, html_of(draw_verdict(map, facts, kDetailForZoom))); !done)
      return done;
  }
  if (png_file_.empty()) return ExitCode::kFine;
  const std::string png = png_of(draw_verdict(map, facts), theme_ == "dark" ? Theme::kDark : Theme::kLight);
  return write_file(png_file_, png);
}

CommandResult VerdictMap::ask(CommandContext& context) {
  v1::GetVerdictRequest request;
  request.set_verdict(verdict_);
  const auto answer = context.client.verdict(request);
  if (!answer) return Fail{answer.error()};
  const Json map = verdict_map(answer->verdict());
  if (map.at("features").empty()) {
    return Fail{CliFault{
        ExitCode::kRefused,
        "this verdict shows no places: either nothing was measured, or the certificate's role does not see "
        "them; use an auditor's or an admin's certificate, or a regulator's or an analyst's with --why"}};
  }
  if (!out_file_.empty()) {
    if (auto done = write_file(out_file_, map.dump() + "\n"); !done) return done;
  }
  const bool picture = !svg_file_.empty() || !html_file_.empty() || !png_file_.empty();
  if (picture) return draw(context, answer->verdict(), map);
  if (out_file_.empty()) write_json(context.out, context.format, map);
  return ExitCode::kFine;
}

}  // namespace

std::unique_ptr<Command> map_command() { return std::make_unique<VerdictMap>(); }

VerdictFacts verdict_facts(const v1::Verdict& verdict, const v1::Chip& chip, const std::string& holder,
                           WallTime now) {
  VerdictFacts facts;
  facts.state = state_name(verdict.state());
  facts.expired = expired(verdict, now);
  facts.chip_id = hex_of(verdict.chip_id());
  facts.serial = chip.serial();
  facts.maker_and_model = chip.maker() + (chip.model().empty() ? "" : " " + chip.model());
  facts.licence = chip.licence();
  facts.licence_holder = holder;
  facts.verdict_id = hex_of(verdict.verdict_id());
  facts.decided_at = short_time(verdict.decided_unix_ns());
  facts.expires_at = short_time(verdict.expires_unix_ns());
  if (!verdict.reasons().empty()) facts.reason = verdict.reasons(0).text();
  facts.licensed.assign(verdict.licensed().begin(), verdict.licensed().end());
  facts.prohibited.assign(verdict.prohibited().begin(), verdict.prohibited().end());
  facts.judged_with = "Judged by chiploc " + verdict.software_version() + ", speed " + verdict.speed_name() +
                      ", " + faults_text(verdict.fault_budget()) + "; borders " + verdict.borders_version();
  return facts;
}

}  // namespace chiploc
