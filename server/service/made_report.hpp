#pragma once
// A report that is made and signed, on its way to whoever asked.

#include <memory>
#include <string>

#include "proto/base/bytes.hpp"
#include "server/reports/report_keys.hpp"
#include "server/reports/report_kinds.hpp"
#include "server/reports/report_seal.hpp"
#include "server/service/fault.hpp"
#include "server/service/reported_chips.hpp"

namespace chiploc {

/// What reports are signed with. Used by one thread at a time.
struct ReportSigning {
  std::unique_ptr<Signer> key;  ///< the coordinator's own
  ReportKeys keys;              ///< its dated list; this key is the one in force
  std::string unusable{};       ///< why nothing can be signed now; empty: it can
  /// The coordinator's id, in hex.
  [[nodiscard]] std::string coordinator() const {
    const auto id = coordinator_id_of(key->public_key());
    return id ? id->hex() : "";
  }
};

struct MadeReport {
  std::unique_ptr<ReportFile> file;
  std::string signature;  ///< of FILE.sig
};

/// Writes it down in this form and signs that. kNotReady where there is no key for it now.
[[nodiscard]] Answer<MadeReport> make_report(const Report& report, ReportedChips& chips, ReportForm form,
                                             const ReportSigning& signing);

}  // namespace chiploc
