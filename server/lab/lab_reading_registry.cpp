// Whose chips they are, who they were delivered to, and what chiplocd is told beside the lab's own settings.
#include <algorithm>
#include <regex>
#include <sstream>
#include <utility>

#include "server/lab/lab_reading.hpp"
#include "server/registry/fields.hpp"

namespace chiploc {
namespace {

/// The lines with relative paths made whole: chiplocd.toml stands in another folder than the lab file.
std::string rooted(const std::string& lines, const std::filesystem::path& folder) {
  static const std::regex kPath{R"re(^\s*(?:secret|old_secret|ca)\s*=\s*["'](?=[^/"']))re"};
  std::istringstream in{lines};
  std::string out;
  for (std::string line; std::getline(in, line); out += line + '\n') {
    std::smatch found;
    if (std::regex_search(line, found, kPath))
      line.insert(static_cast<std::size_t>(found.length(0)), folder.string() + "/");
  }
  return out;
}

/// What stands twice, or is no text that the registry takes, is a fault.
template <class Things, class NameOf>
void check_new(TomlSection& section, const std::string& name, const Things& things, NameOf name_of_thing) {
  if (name.empty()) return;
  if (const auto good = parse_text(name); !good) return section.fault("name", good.error());
  const bool twice = std::any_of(things.begin(), things.end(),
                                 [&](const auto& thing) { return name_of_thing(thing) == name; });
  if (twice) section.fault("name", "\"" + name + "\" is there twice; rename one");
}

}  // namespace

void LabReading::read_maker(TomlSection& section) {
  std::string name = section.text("name");
  check_new(section, name, file_.makers, [](const std::string& maker) { return maker; });
  file_.makers.push_back(std::move(name));
}

void LabReading::read_model(TomlSection& section) {
  LabModel model{.name = section.text("name"), .maker = section.text("maker"), .eccn = section.text("eccn")};
  check_new(section, model.name, file_.models, [](const LabModel& other) { return other.name; });
  if (!model.maker.empty() &&
      std::find(file_.makers.begin(), file_.makers.end(), model.maker) == file_.makers.end())
    section.fault("maker", "no [[maker]] is named \"" + model.maker + "\"");
  if (!model.eccn.empty()) {
    if (const auto good = parse_eccn(model.eccn); !good) section.fault("eccn", good.error());
  }
  file_.models.push_back(std::move(model));
}

void LabReading::read_entity(TomlSection& section) {
  LabEntity entity{.name = section.text("name"), .roles = section.texts("roles", true), .country = {}};
  check_new(section, entity.name, file_.entities, [](const LabEntity& other) { return other.name; });
  for (const std::string& role : entity.roles) {
    if (const auto good = parse_roles(role); !good) section.fault("roles", good.error());
  }
  if (const std::string code = section.text("country", ""); !code.empty())
    entity.country = country(section, "country", code);
  file_.entities.push_back(std::move(entity));
}

std::string LabReading::party(TomlSection& section, std::string_view key, const std::string& role,
                              bool required) {
  std::string name = required ? section.text(key) : section.text(key, "");
  if (name.empty()) return name;
  const LabEntity* const entity = file_.entity(name);
  if (entity == nullptr) {
    section.fault(key, "no [[entity]] is named \"" + name + "\"");
  } else if (std::find(entity->roles.begin(), entity->roles.end(), role) == entity->roles.end()) {
    section.fault(key, "\"" + name + "\" has not the role " + role + "; add it to its roles");
  }
  return name;
}

void LabReading::read_parties(TomlSection& section, LabOrder& order, const std::string& site) {
  const bool named = section.has("exporter") || section.has("buyer") || section.has("end_user");
  order.quantity = static_cast<std::size_t>(section.integer(
      "quantity",
      {.min = static_cast<std::int64_t>(order.count), .max = 1'000'000, .otherwise = order.count}));
  for (const std::string_view key : {"quantity", "operator"}) {
    if (section.has(key) && !named)
      section.fault(key, "is of an order of the registry; name exporter, buyer and end_user as well");
  }
  if (!named) return;
  order.parties = LabParties{.exporter = party(section, "exporter", "exporter", true),
                             .buyer = party(section, "buyer", "buyer", true),
                             .end_user = party(section, "end_user", "end_user", true),
                             .operator_name = party(section, "operator", "operator", false)};
  if (const auto good = parse_name(site); !site.empty() && !good)
    section.fault("site", "the registry has the place as a site, whose name " + good.error());
}

void LabReading::read_daemon(const std::filesystem::path& name) {
  const std::string lines =
      reader_.lines_of({"scheduler", "status", "orders", "cases", "limits", "retention", "notices"});
  if (lines.find_first_not_of('\n') == std::string::npos) return;
  if (world_.chiplocd) daemon_ = world_.chiplocd(lines, name);
  file_.chiplocd = rooted(lines, reader_.folder());
}

}  // namespace chiploc
