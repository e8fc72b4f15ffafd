#pragma once
// What the store keeps, as plain values. A blob (`bytes`) is kept as given and never interpreted; the columns
// beside it are what the store sorts, joins and counts by.

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "geo/lat_lon.hpp"
#include "geo/units.hpp"
#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"

namespace chiploc {

/// A verdict's name; random.
using VerdictId = Id<struct VerdictTag, 16>;

/// Where an anchor's message stands in its spool. `spool_id` 0 means that it did not come from a spool: such
/// a message is never taken for a repetition of another.
struct SpoolRef {
  AnchorId anchor;
  std::uint64_t spool_id = 0;
};

/// So many different reports, and as many statements, of one anchor are kept of one round: the first, and two
/// that show that it contradicts itself.
inline constexpr std::size_t kKeptOfAnchorAndRound = 3;

/// What became of a message that an anchor may deliver more than once. Every one of them may be acknowledged:
/// the message, or the same one before it, is in the store.
enum class Appended : std::uint8_t {
  kNew,
  kDuplicate,    ///< the same delivery again, or the same bytes for the same purpose: nothing was added
  kConflicting,  ///< kept beside a different one where only one may be, and marked: evidence in itself
  kSurplus       ///< not kept: as many different ones of this anchor and round as are kept are there
};

// ---------------------------------------- rounds
struct IntentAnchor {
  AnchorId id;
  std::string name;            ///< as registered when the round began
  ByteArray<32> public_key{};  ///< so that the evidence stays checkable after the anchor's key changed
};

/// Who asks for something, as records name them.
struct Requester {
  Requester(std::string who,
            std::optional<Digest> by = {})  // NOLINT(google-explicit-constructor): a name is one
      : name{std::move(who)}, certificate{by} {}
  Requester(const char* who) : name{who} {}  // NOLINT(google-explicit-constructor)
  std::string name;                          ///< the certificate's CN
  std::optional<Digest> certificate;         ///< SHA-256 of it; nullopt: none, as of the scheduler
};

/// An area that a context names by its digest.
struct KeptArea {
  Digest sha256;  ///< of `geojson`
  std::string geojson;
};
/// A calibration of the delay model that a context names by its digest.
struct KeptCalibration {
  Digest sha256;  ///< of `bytes`
  ByteVector bytes;
};

/// Who is about to measure which chip with which anchors: logged before anything is sent.
struct RoundIntent {
  RoundId round;
  ChipId chip;
  std::string requested_by;
  WallTime intent;
  std::vector<IntentAnchor> anchors;
  ByteVector device_certificate;       ///< DER, as registered when the round began
  ByteArray<32> coordinator_public{};  ///< Ed25519, signs the tickets
  /// Whether the maker vouched for the certificate at that moment: "good", or the name of the fault
  /// (name_of(CertificateFault::Code)). Empty: of before 2026-11-22, when nobody asked.
  std::string certificate_standing{};
  std::string certificate_problem{};         ///< the fault's sentence
  std::vector<ByteVector> device_issuers{};  ///< the device CAs above the certificate, DER, nearest first
  ByteVector context{};  ///< v1::RoundContext: all that judging needs beside the evidence; empty: of before
  /// What the context names by digest. Each is kept once, whatever number of rounds brings it, and read back
  /// by RoundReader::area and calibration, never with the round.
  std::vector<KeptArea> areas{};
  std::optional<KeptCalibration> calibration{};
  std::optional<Digest> requested_with{};  ///< SHA-256 of the certificate of who asked; nullopt: unknown
};

enum class RoundState : std::uint8_t { kOpen = 1, kFinished = 2, kAbandoned = 3 };

struct StoredReport {
  AnchorId anchor;
  ByteVector bytes;  ///< v1::SignedReport
  WallTime received;
  bool conflicting = false;  ///< not this anchor's first report of the round, and different from it
  bool late = false;         ///< came after the round was over
};
struct StoredStatement {
  AnchorId anchor;   ///< which brought it
  ByteVector bytes;  ///< COSE_Sign1
  WallTime received;
  bool late = false;
};
struct StoredKnock {
  ChipId chip;
  AnchorId anchor;
  WallTime seen;                           ///< by the anchor's clock
  ByteVector bytes;                        ///< v1::KnockSeen
  WallTime received{};                     ///< by this coordinator's clock; the epoch: unknown
  std::optional<std::uint64_t> boot_id{};  ///< that the proof names
};

/// Everything that one round left behind.
struct RoundEvidenceRecord {
  RoundIntent intent;
  RoundState state = RoundState::kOpen;
  std::string abandoned_because;            ///< empty unless abandoned
  std::vector<ByteVector> tickets;          ///< 220 bytes each, in the order of anchor_index
  std::vector<StoredReport> reports;        ///< as received; conflicting ones included
  ByteVector close_order;                   ///< empty: none was issued
  std::vector<StoredStatement> statements;  ///< as received, each different one once
  std::vector<StoredKnock> knocks;   ///< of this chip, seen between one hour before the intent and the end
  ByteVector verdict;                ///< empty: none
  std::uint32_t verdict_format = 0;  ///< of `verdict`; see VerdictRecord::format
};

/// What a round needs to be given up after a crash; its intent comes without the context.
struct OpenRound {
  RoundIntent intent;
  std::size_t tickets = 0, reports = 0, statements = 0;
};

// ---------------------------------------- verdicts
/// Where and when a round proved a chip's key to be.
struct ChipSighting {
  RoundId round;
  Degrees centre;
  Kilometers radius{0.0};  ///< around centre: every place that the round allows
  WallTime from;           ///< it began
  WallTime to;             ///< it was judged
  ByteVector basis{};      ///< what it rests on, for whoever made it; empty: unknown
};

/// One verdict as the store keeps it. `state` is the number of v1::VerdictState.
struct VerdictRecord {
  /// Of `bytes`: a v1::Verdict, as of before 2026-11-30 (and as summaries are); a v1::VerdictRecord.
  static constexpr std::uint32_t kFlat = 0, kRecord = 1;
  VerdictId id;
  RoundId round;
  ChipId chip;
  std::uint32_t state = 0;
  WallTime decided;
  WallTime expires;
  ByteVector bytes;                        ///< whole; `format` says of what kind
  ByteVector summary;                      ///< v1::Verdict without region and anchors, for lists
  std::optional<ChipSighting> sighting{};  ///< what it proved; kept as the chip's last, not with the verdict
  std::uint32_t format = kFlat;
};

/// What the verifier must remember of a chip to notice a rollback or a clone.
struct ChipCounters {
  std::uint64_t boot_count = 0;
  std::uint64_t round_counter = 0;
  ByteVector boot_id;  ///< as in the statement; at most 64 bytes
  Digest signer{};     ///< whose they are: SHA-256 of the key's SubjectPublicKeyInfo
  friend bool operator==(const ChipCounters&, const ChipCounters&) = default;
};

/// Counters of a chip that begin anew, on record: a certificate over another key came in, or an admin
/// restarted them.
struct CounterStart {
  ChipId chip;
  Digest signer;  ///< whose counters begin
  WallTime at;
  std::string by;                        ///< who imported, or restarted
  std::string reason;                    ///< of a restart; empty: a new key
  std::optional<ChipCounters> before{};  ///< the last ones accepted until then, of the old key or the same
};
/// A chip's counters under one key.
struct CounterStanding {
  std::optional<ChipCounters> last;       ///< nullopt: none was accepted since they began
  std::optional<CounterStart> started{};  ///< why, where `last` is nullopt and a start is on record
};

/// A row of a list: `bytes` is the summary.
struct VerdictRow {
  VerdictId id;
  RoundId round;
  ChipId chip;
  std::uint32_t state = 0;
  WallTime decided;
  WallTime expires;
  ByteVector summary;
};
/// The position of a row in lists, which are newest first: in the order in which the rounds were begun,
/// whatever the clock said. The id alone names the position.
struct VerdictCursor {
  WallTime decided;
  VerdictId id;
  std::int64_t begins = 0;  ///< the store's own: where `since` begins, so that it is looked up once a list
  friend bool operator==(const VerdictCursor&, const VerdictCursor&) = default;
};
/// Which chips' rows are wanted; empty: every chip's.
class ChipFilter {
 public:
  ChipFilter() = default;
  /// Those for which this is true.
  template <class Wants>
  requires(!std::is_same_v<Wants, ChipFilter> && std::is_invocable_r_v<bool, const Wants&, const ChipId&>)
      ChipFilter(Wants wants)
      : wants_{std::move(wants)} {}  // NOLINT(google-explicit-constructor)
  /// These alone, ascending, each once: so few that looking each up costs less than reading everybody's rows.
  [[nodiscard]] static ChipFilter few(std::vector<ChipId> chips) {
    ChipFilter out;
    out.few_ = std::make_shared<const std::vector<ChipId>>(std::move(chips));
    return out;
  }
  [[nodiscard]] explicit operator bool() const { return few_ != nullptr || wants_ != nullptr; }
  /// Of a filter that is not empty.
  [[nodiscard]] bool operator()(const ChipId& chip) const {
    return few_ != nullptr ? std::binary_search(few_->begin(), few_->end(), chip) : wants_(chip);
  }
  /// Null: there may be many.
  [[nodiscard]] const std::vector<ChipId>* few() const { return few_.get(); }

 private:
  std::function<bool(const ChipId&)> wants_;
  std::shared_ptr<const std::vector<ChipId>> few_;
};
struct VerdictQuery {
  static constexpr std::size_t kChipsMax = 64;
  std::vector<ChipId> chips{};           ///< empty: all; at most kChipsMax, found by an index
  std::vector<std::uint32_t> states{};   ///< empty: all
  std::optional<VerdictCursor> after{};  ///< continue behind this row; the first page: nullopt
  std::size_t limit = 100;               ///< 1 to 10000; others are taken as the nearest of these
  ChipFilter wanted{};
  std::optional<WallTime> since{};       ///< decided then or later
  std::optional<WallTime> until{};       ///< decided before
  std::optional<WallTime> expired_by{};  ///< no longer good then
  bool oldest_first = false;
  bool count = false;              ///< go on behind the page to count what else is wanted
  std::size_t scan_max = 100'000;  ///< rows looked at, wanted or not
};
template <class Row>
struct VerdictPageOf {
  std::vector<Row> rows;              ///< fewer than `limit`, or none, where scan_max rows had no more
  std::optional<VerdictCursor> next;  ///< nullopt: this was the last page
  std::uint64_t matching = 0;         ///< if counted: these and those behind them
  bool matching_more = false;         ///< scan_max rows were looked at, and there are others
};
using VerdictPage = VerdictPageOf<VerdictRow>;

/// What judging a round by another policy takes, as far as its record tells.
struct JudgedRound {
  VerdictId id;
  RoundId round;
  ChipId chip;
  std::uint32_t state = 0;
  WallTime decided;
  std::uint32_t format = VerdictRecord::kFlat;  ///< of `record`
  ByteVector record;
  ByteVector context;  ///< empty: of before there were any
};
using JudgedPage = VerdictPageOf<JudgedRound>;

/// A measured chip's latest verdict, for choosing among chips.
struct StandingBrief {
  ChipId chip;
  std::uint32_t state = 0;
  WallTime decided;
  WallTime expires;
};

/// A chip's standing for lists; in the order of the ids asked for.
struct ChipStanding {
  ChipId chip;
  std::uint64_t rounds = 0;  ///< begun, whatever became of them
  std::optional<VerdictRow> latest;
};

// ---------------------------------------- mesh
/// The columns of a v1::MeshBody.Pair, in the order the anchor gave.
struct StoredMeshPair {
  AnchorId peer;
  std::uint32_t sent = 0, received = 0;
  Nanoseconds rtt_min{0}, rtt_median{0};
  StampSource source{};
};
struct MeshRecord {
  SpoolRef from;
  WallTime window_end;
  std::vector<StoredMeshPair> pairs;
  ByteVector bytes;     ///< v1::SignedMesh
  WallTime received{};  ///< by this coordinator's clock; the epoch: unknown
};
struct MeshPairRow {
  AnchorId anchor;
  WallTime window_end;
  StoredMeshPair pair;
};

// ---------------------------------------- retention
/// What of mesh, knocks and events need not be kept any longer. Times are when messages came, or, where that is not
/// on record, what their anchors said.
struct PruneOrder {
  WallTime mesh_before;
  std::uint64_t mesh_windows_max = 0;  ///< beyond so many the oldest go whatever their time; 0: no bound
  WallTime knocks_before;
  std::uint64_t knocks_max = 0;  ///< likewise, those that are needed included
  std::int64_t knocks_seen = 0;  ///< knocks up to this number have been looked at and are kept
  /// Events: a day of a fleet in which a dozen things happen a second; some 30 bytes each. At least 1.
  std::uint64_t events_max = 1'000'000;
  std::size_t rows = 512;  ///< of one step, about
};
struct Pruned {
  std::uint64_t mesh_windows = 0, mesh_pairs = 0, knocks = 0, events = 0;
  std::uint64_t knocks_kept = 0;  ///< old enough, but needed: another boot id of the chip came within an hour
  std::int64_t knocks_seen = 0;   ///< for the next step's order
  bool more = false;              ///< the step's rows are used up
};

// ---------------------------------------- bookkeeping
struct StoreCounts {
  std::uint64_t rounds_open = 0, rounds_finished = 0, rounds_abandoned = 0;
  std::uint64_t verdicts = 0;
  std::uint64_t reports_conflicting = 0;
  std::map<std::uint32_t, std::uint64_t> chips_by_state;  ///< by the state of each chip's latest verdict
};

/// Who imported, when and why; the plan knows the rest.
struct ImportStamp {
  std::string by;
  WallTime at;
  std::optional<Digest> with{};  ///< SHA-256 of their certificate; nullopt: unknown
  std::string reason{};          ///< in their words; empty: they did not say
};
struct ImportJournalEntry {
  std::uint64_t version = 0;  ///< of the registry that it made
  ImportStamp stamp;
  std::uint32_t added = 0, changed = 0, unchanged = 0, removed = 0;
  struct File {
    std::uint8_t kind = 0;  ///< ImportKind
    std::string name;
    Digest sha256;
    std::uint32_t rows = 0;
  };
  std::vector<File> files;
};

}  // namespace chiploc
