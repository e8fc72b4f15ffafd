#pragma once
// What a report says, as typed facts, before anybody writes it down in some form. Pure: facts in, facts out.
//
// Nothing here is an estimate. A place is a list of countries that a verdict proved the chip to be in one of, and
// there is no field for anything finer; compliance is what a status and a proof in force say together.

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "server/status/chip_status.hpp"

namespace chiploc {

enum class ReportKind : std::uint8_t {
  kAct = 1,      ///< one case, as a licensee files it
  kFleet = 2,    ///< every chip: where, and with which end user
  kOrder = 3,    ///< one order
  kOperator = 4  ///< the chips of one holder
};
inline constexpr std::size_t kReportKinds = 4;
/// "act", "fleet", "order", "operator".
[[nodiscard]] std::string_view name_of(ReportKind kind);
[[nodiscard]] std::optional<ReportKind> report_kind_of(std::string_view name);

enum class ReportForm : std::uint8_t { kJson = 1, kCsv = 2, kGeojson = 3, kPdf = 4 };
inline constexpr std::size_t kReportForms = 4;
/// "json", "csv", "geojson", "pdf": the ends of file names too.
[[nodiscard]] std::string_view name_of(ReportForm form);
[[nodiscard]] std::optional<ReportForm> report_form_of(std::string_view name);

/// Who made it, when, and by what.
struct ReportHead {
  ReportKind kind{};
  std::string subject{};  ///< the case, order or holder; empty: of a fleet
  WallTime made;
  WallTime as_of;             ///< of what chips are held for, and where they were; never behind `made`
  std::string made_by{};      ///< the name of the certificate that asked
  std::string scope{};        ///< "all chips", or whose
  std::string coordinator{};  ///< its id, in hex
  std::string software{}, borders{}, policy{};  ///< versions
  std::string policy_sha256{};                  ///< in hex
  std::uint64_t registry_version = 0;  ///< licences, orders and end users are as of `made`, by this one
};

/// A value on record. Nothing, a text, a number, or several texts.
using Leaf = std::variant<std::monostate, std::string, std::uint64_t, std::vector<std::string>>;
struct ReportFact {
  std::string key;    ///< in JSON
  std::string label;  ///< for people
  Leaf value;
};
struct ReportTable {
  std::string key, heading;
  std::vector<std::vector<ReportFact>> rows;
};
struct ReportPart {
  std::string key, heading;
  std::vector<ReportFact> facts;
  std::vector<ReportTable> tables{};
};
/// All but the chips, which may be too many to be held at once.
struct Report {
  ReportHead head;
  std::vector<ReportPart> parts;
};

// ---- chips

enum class ReportedState : std::uint8_t {  ///< the numbers of v1::VerdictState
  kVerified = 1,
  kCleared = 2,
  kUnresolved = 3,
  kOutside = 4,
  kProhibited = 5,
  kSilent = 6,
  kInvalid = 7
};
/// "VERIFIED", ..
[[nodiscard]] std::string_view name_of(ReportedState state);

struct ReportedVerdict {
  VerdictId id;
  ReportedState state{};
  WallTime decided, expires;
  std::vector<std::string> countries{};  ///< every country that its hard region meets
};

/// What is on record of one chip as of the report's time.
struct ReportedChip {
  ChipId id;
  std::string device_id{}, serial{}, maker{}, model{}, eccn{};
  std::string licence{}, order{}, delivery{}, site{}, end_user{};
  std::optional<ChipState> status{};  ///< nullopt: its story had not begun
  WallTime status_since{};
  std::vector<VerdictId> rests_on{};        ///< what the status follows from
  std::optional<ReportedVerdict> newest{};  ///< of its last round by then; nullopt: never measured
  std::optional<ReportedVerdict> proof{};   ///< the newest that proves something of its place
};

/// Whether a verdict proves something of a place, and still does at that time.
[[nodiscard]] bool proves_place(const ReportedVerdict& verdict, WallTime as_of);

enum class Compliance : std::uint8_t {
  kProved,        ///< compliant by its status, and a VERIFIED or CLEARED is in force
  kNotProved,     ///< nothing that is in force says so: neither for nor against
  kContradicted,  ///< drifted, prohibited or tampered by its status: proofs say otherwise
  kDisputed,      ///< the same, and its operator disputes it
  kExcused        ///< declared absent
};
inline constexpr std::size_t kCompliances = 5;
/// "proved", "not proved", "contradicted", "disputed", "excused".
[[nodiscard]] std::string_view name_of(Compliance compliance);
/// UNRESOLVED, silence and age are never compliance, and never the contrary.
[[nodiscard]] Compliance compliance_of(const ReportedChip& chip, WallTime as_of);

/// "in one of DE, FR; inside its licensed territory": a sentence from a proof that is in force; "not proved".
[[nodiscard]] std::string location_of(const ReportedChip& chip, WallTime as_of);
/// The countries of that proof; empty where there is none.
[[nodiscard]] std::vector<std::string> countries_of(const ReportedChip& chip, WallTime as_of);

/// What all forms write of a chip, in this order. The same keys for every chip.
[[nodiscard]] std::vector<ReportFact> facts_of(const ReportedChip& chip, WallTime as_of);
/// The same of the report as a whole.
[[nodiscard]] std::vector<ReportFact> facts_of(const ReportHead& head);

/// How many of what.
struct ReportTotals {
  std::uint64_t chips = 0;
  std::uint64_t unmeasured = 0;  ///< without any verdict: counted apart, whatever their status
  std::array<std::uint64_t, kChipStates> by_status{};
  std::uint64_t without_status = 0;
  std::array<std::uint64_t, kCompliances> by_compliance{};
  struct Place {
    std::uint64_t chips = 0;
    std::uint64_t contradicted = 0;  ///< of them, disputed ones included
    friend bool operator==(const Place&, const Place&) = default;
  };
  std::map<std::string, Place> places{};  ///< proved to be in this one country
  std::uint64_t in_several = 0;           ///< proved to be in one of several
  std::uint64_t unlocated = 0;            ///< nothing is proved
  friend bool operator==(const ReportTotals&, const ReportTotals&) = default;
};
void count(ReportTotals& totals, const ReportedChip& chip, WallTime as_of);
[[nodiscard]] ReportPart part_of(const ReportTotals& totals);

/// Calls what it is given for each chip, always the same and in the same order; false: they cannot be read.
using EachChip = std::function<bool(const std::function<void(const ReportedChip&)>&)>;

/// A leaf as one text: "" for nothing, "DE, FR" for several.
[[nodiscard]] std::string text_of(const Leaf& leaf);

}  // namespace chiploc
