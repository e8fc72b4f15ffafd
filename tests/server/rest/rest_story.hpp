#pragma once
// A registry with something of everything, by the edge itself, and what is sealed in it.

#include <map>

#include "tests/server/rest/rest_world.hpp"

namespace chiploc::test {

inline const std::string kChipOne = chip_id("aaaa1");  ///< of L-1 and order O-1
inline const std::string kChipTwo = chip_id("aaaa2");  ///< of L-2, Example SA's
inline const std::string kSealedStreet = "Sealed Street 1";

inline json file_of(const char* kind, const std::string& content, const char* format = "csv") {
  return {
      {"kind", kind}, {"name", std::string{kind} + "." + format}, {"format", format}, {"content", content}};
}

/// Imports what must be without a fault.
inline void import_files(RestWorld& rest, const json& files) {
  const Got got = rest.post("/v1/imports", json{{"files", files}, {"reason", "the story"}});
  INFO(got.body);
  REQUIRE(got.status == 200);
  REQUIRE(got.read().at("faults_total").get<int>() == 0);
}

/// Chips with their makers, licences and anchors; models, entities, sites, orders, a delivery, conditions, a territory; a
/// round of each chip, and their statuses.
inline void begin_story(RestWorld& rest) {
  const RegistryFiles& files = rest.world.files;
  json chips = json::parse(files.chips_json({kChipOne, kChipTwo}));
  chips[0]["delivery"] = "D-1";
  import_files(
      rest,
      {file_of("makers", files.makers_json(), "json"), file_of("licences", RegistryFiles::licences_csv()),
       file_of("anchors", files.anchors_csv()), file_of("prohibited", RegistryFiles::prohibited_csv()),
       file_of("models", "name,maker,eccn,note\nLAB-100,acme,4A090,\nSPARE,acme,4A090,\n"),
       file_of("territories", "name,countries,geojson\nbenelux,BE NL LU,\n"),
       file_of("entities",
               "name,roles,country,watch_reason,watch_since\nExport Ltd,exporter,US,,\nBuyer BV,buyer,NL,,\n"
               "User AG,end_user,DE,,\nShadow Inc,buyer,,diversion,2025-06-01\n"),
       file_of("sites", "name,operator,place,address\nfra-1,,DE," + kSealedStreet + "\nspare-1,,DE,Side 2\n"),
       file_of("orders",
               "id,licence,exporter,buyer,end_user,quantity,placed\n"
               "O-1,L-1,Export Ltd,Buyer BV,User AG,4,2026-02-01\n"
               "O-9,L-1,Export Ltd,Buyer BV,User AG,4,2026-02-01\n"),
       file_of("deliveries", "id,order,site,date,quantity\nD-1,O-1,fra-1,2026-03-01,3\n"),
       file_of("conditions", "id,licence,kind,due,share_percent\nC-1,L-1,volume_cap,2026-12-31,25\n"),
       file_of("chips", chips.dump(), "json")});
  rest.world.play_round(kChipOne);
  rest.world.play_round(kChipTwo);
  rest.world.tell_on(kWorldNow);
}

/// Something that is there, for each parameter of a path; of exports where it is a kind.
inline const std::map<std::string, std::string>& names_of_story() {
  static const std::map<std::string, std::string> kNames{
      {"chip", kChipOne},    {"licence", "L-1"}, {"territory", "benelux"}, {"model", "LAB-100"},
      {"entity", "User AG"}, {"site", "fra-1"},  {"order", "O-1"},         {"delivery", "D-1"},
      {"condition", "C-1"},  {"case", "C-1"},    {"number", "1"},          {"sink", "siem"},
      {"maker", "acme"},     {"anchor", "fra1"}, {"party", "buyer"},       {"kind", "sites"},
      {"verdict", kChipOne}};
  return kNames;
}

}  // namespace chiploc::test
