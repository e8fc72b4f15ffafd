#pragma once
// The work behind plan_import, in one class over several files: import.cpp (files, order, outcome),
// import_records.cpp, import_orders.cpp, import_chips.cpp and import_revocations.cpp (a row -> a record),
// import_checks.cpp, import_amounts.cpp and import_coverage.cpp (what shows only when everything has been read).
// Private to this folder.

#include <algorithm>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "proto/crypto/device_verifier.hpp"
#include "proto/crypto/issuer_cache.hpp"
#include "server/registry/import.hpp"
#include "server/registry/import_columns.hpp"

namespace chiploc {

class Importer {
 public:
  /// `base` is what `snapshot` holds, or an empty one.
  Importer(const Registry& base, Registry::Snapshot snapshot, const std::vector<ImportFile>& files,
           const ImportOptions& options);
  ImportPlan run();

 private:
  /// Where a row stood, for faults that show only when everything has been read.
  struct Place {
    std::size_t file = 0;
    std::uint32_t line = 0;
  };

  void check_file(std::size_t f);
  void read_file(std::size_t f);
  void read_rows_of(std::size_t f);
  void read_rows(std::size_t f, FaultLog& faults, const RowSink& take);
  void take_row(std::size_t f, const Row& row);
  void fault(Place place, std::string_view field, std::string problem);
  Place place_of(ImportKind kind, const std::string& key);
  ImportPlan finish();

  void fault(std::size_t f, const Row& row, std::string_view column, std::string problem) {
    faulty_.emplace(column);
    fault({f, row[column].line}, column, std::move(problem));
  }
  /// Whether these columns of the row that is being taken have no fault.
  [[nodiscard]] bool readable(std::initializer_list<std::string_view> columns) const {
    return std::none_of(columns.begin(), columns.end(),
                        [this](std::string_view column) { return faulty_.count(column) > 0; });
  }

  /// One cell of a row through one of the checks of fields.hpp; the default value after a fault, which is
  /// noted.
  template <class T, class Check>
  T checked(std::size_t f, const Row& row, std::string_view column, T otherwise, const Check& check) {
    auto value = check(row[column].text);
    if (value) return std::move(*value);
    fault(f, row, column, value.error());
    return otherwise;
  }
  std::string text(std::size_t f, const Row& row, std::string_view column) {
    return checked(f, row, column, std::string{}, parse_text);
  }
  std::string name(std::size_t f, const Row& row, std::string_view column) {
    return checked(f, row, column, std::string{}, parse_name);
  }
  /// An id or a serial number.
  std::string typed_name(std::size_t f, const Row& row, std::string_view column) {
    return checked(f, row, column, std::string{}, parse_typed_name);
  }

  /// The same of a column that may be missing or empty: `registered` where the file does not have it, the
  /// default value where the cell is empty.
  template <class T, class Check>
  T optional(std::size_t f, const Row& row, std::string_view column, const T& registered,
             const Check& check) {
    const RowCell& cell = row[column];
    if (cell.line == 0) return registered;
    if (cell.text.empty()) return T{};
    auto value = check(cell.text);
    if (value) return T{std::move(*value)};
    fault(f, row, column, value.error());
    return T{};
  }

  /// Whether a row of this kind and key stood in the request, with faults or without.
  [[nodiscard]] bool is_named(ImportKind kind, const std::string& key) const {
    const auto rows = places_.find(kind);
    return rows != places_.end() && rows->second.count(key) > 0;
  }
  /// False, and a fault, if this key stood in another row of the request. `as_given` is how files have it.
  bool first_with_key(std::size_t f, const Row& row, const std::string& key, std::string_view as_given);
  bool first_with_key(std::size_t f, const Row& row, const std::string& key) {
    return first_with_key(f, row, key, key);
  }

  /// Merges a record and notes whether it is new. One with faults belongs in there too where what others are checked
  /// against can be read: nothing of the import is kept then, and no fault has to wait until others are mended.
  template <class Record>
  void merge(Record record, const Record* known, std::vector<std::shared_ptr<const Record>>& differing) {
    if (known != nullptr && *known == record) {
      ++plan_.unchanged;
      return;
    }
    ++(known == nullptr ? plan_.added : plan_.changed);
    differing.push_back(std::make_shared<const Record>(std::move(record)));
    next_.put(differing.back());
  }

  void take_maker(std::size_t f, const Row& row);
  /// Of a maker's bundle; what stands twice in it is dropped from the record.
  std::vector<Certificate> parse_authorities(Place place, Maker& maker);
  void take_model(std::size_t f, const Row& row);
  void take_entity(std::size_t f, const Row& row);
  void take_site(std::size_t f, const Row& row);
  void take_licence(std::size_t f, const Row& row);
  void take_condition(std::size_t f, const Row& row);
  /// What its columns say together.
  void check_condition(std::size_t f, const Row& row, const ConditionRecord& condition);
  void take_order(std::size_t f, const Row& row);
  void take_delivery(std::size_t f, const Row& row);
  /// A fault if a new record's id is what a spreadsheet makes of a registered one.
  template <class Table>
  void check_id_loss(std::size_t f, const Row& row, const std::string& id, const Table& registered);
  /// A fault if a cell is what a spreadsheet makes of the registered value.
  void check_loss(std::size_t f, const Row& row, std::string_view column, const std::string& registered,
                  const std::string& now);
  /// A name in one of a row's cells: a fault if no such record is registered or in this import. One with a
  /// fault of its own is not missing.
  void check_reference(std::size_t f, const Row& row, std::string_view column, ImportKind kind,
                       const std::string& key);
  /// The same of an entity, which has to have the role too.
  void check_entity(std::size_t f, const Row& row, std::string_view column, EntityRole role,
                    const std::string& name);
  /// Faults of a delivery, or of chips that it brings, whose order is on hold.
  void check_hold(std::size_t f, const Row& row, std::string_view column, const DeliveryRecord& delivery,
                  const char* what);
  void take_anchor(std::size_t f, const Row& row);
  void take_territory(std::size_t f, const Row& row);
  /// Faults for names that no territory has, registered or in this request.
  void check_named(std::size_t f, const Row& row, std::string_view column, const NamedPlaces& places);
  void take_prohibited(std::size_t f, const Row& row);
  /// The files of this kind together are the list.
  void finish_prohibited();
  void take_revocations(std::size_t f, const Row& row);
  /// The lists of the cell that can be used; the others are faults.
  std::vector<RevocationList> usable_lists(std::size_t f, const RowCell& cell,
                                           const std::vector<Certificate>& authorities);
  /// No rollback: every list that is known has one here that follows it and is not older.
  void check_succession(std::size_t f, const RowCell& cell, const std::vector<RevocationList>& lists,
                        const MakerRevocations& known, const std::vector<Certificate>& authorities);
  /// The certificates of a chip's row, as far as they can be read without knowing any other row.
  struct ReadChain {
    std::string fault;  ///< of the text as a whole; empty: there are blocks
    /// A block each, up to the first that is none.
    std::vector<Result<Certificate, CertificateFault>> certificates;
    std::vector<bool> issued_below;  ///< whether it issued the one before it; of the first: true
    std::optional<DeviceId> device;  ///< that the first one names
    std::size_t blocks = 0;
  };
  static ReadChain read_chain(const std::string& pem, IssuerCache& issuers);
  /// Reads a file of chips: their certificates by many at once, all else row after row, in order.
  void read_chips(std::size_t f);
  /// Takes the rows that wait.
  void take_held(std::size_t f);
  void take_chip(std::size_t f, const Row& row, const ReadChain& chain);
  /// A fault if its serial number or licence is what a spreadsheet makes of the registered one.
  void check_losses(std::size_t f, const Row& row, const ChipRecord& chip);
  /// Its delivery: known, of an order under its licence, and not on hold if it brings the chip now.
  void check_brought(std::size_t f, const Row& row, const ChipRecord& chip);
  /// False, and a fault, if another id is called the same on the wire.
  bool has_own_name(std::size_t f, const Row& row, const ChipRecord& chip);
  /// Checks all but the signatures, for which it waits in unverified_.
  void take_certificate(std::size_t f, const Row& row, ChipRecord& chip, const DeviceId* id,
                        const ReadChain& chain);
  /// The device CAs behind the chip's own certificate; nullopt after a fault, which is noted.
  std::optional<std::vector<Certificate>> take_issuers(Place place, const ReadChain& chain,
                                                       const std::vector<Certificate>* authorities);
  /// each(0) to each(count - 1), by ImportOptions::for_each.
  void at_once(std::size_t count, const std::function<void(std::size_t)>& each) const;
  /// What verifies the chips of a maker, with his authorities and lists as they will be.
  const DeviceVerifier& verifier_of(const std::string& maker_name,
                                    const std::vector<Certificate>& authorities);
  /// The maker's authorities as they will be; nullptr if there is no faultless maker of that name.
  const std::vector<Certificate>* authorities_of(const std::string& maker_name);
  static std::vector<Certificate> parse_all(const Maker& maker);

  /// The certificates that wait.
  void verify_certificates();

  void check_anchors();
  // import_amounts.cpp
  /// Entities that lose a role in which something names them.
  void check_lost_roles();
  /// Registered chips that an order or a delivery no longer fits.
  void check_moved_orders();
  void check_chip_amounts();
  void check_delivery_amounts();
  /// Registered chips must still be vouched for when their maker's authorities or lists change
  /// (import_coverage.cpp).
  void check_uncovered();
  void check_uncovered(const std::string& maker_name);
  void check_sizes();

  const Registry& base_;
  const std::vector<ImportFile>& files_;
  const ImportOptions& options_;
  Registry next_;
  ImportPlan plan_;
  RowBudget budget_;
  std::vector<FaultLog> logs_;  // one a file
  std::map<ImportKind, std::unordered_map<std::string, Place>> places_;
  std::map<std::string, std::vector<Certificate>> authorities_, base_authorities_;
  std::size_t ids_compared_ = 0;
  /// A chip's certificate, and what it is verified against.
  struct Unverified {
    Place place;
    Certificate certificate;
    std::vector<Certificate> issuers;
    const DeviceVerifier* verifier;
  };
  std::vector<Unverified> unverified_;
  std::map<std::string, DeviceVerifier> verifiers_;  // behind authorities_, which they borrow
  IssuerCache issuers_;
  /// A chip's row that waits, behind what its file's reader found before it.
  struct Held {
    FaultLog before;
    Row row;
    ReadChain chain;
  };
  std::vector<Held> held_;
  std::set<std::string, std::less<>> faulty_;  ///< columns of the row that is being taken
  std::set<ImportKind> unread_;                ///< kinds of which a file could not be read
  std::set<CountryCode> prohibited_;
  std::set<std::string> prohibited_territories_;
};

}  // namespace chiploc
