#pragma once
#include <filesystem>
#include <memory>

#include "proto/base/time.hpp"
#include "server/service/made_report.hpp"

namespace chiploc {

/// The dated list beside the database: report-keys.toml.
[[nodiscard]] std::filesystem::path report_key_file_of(const std::filesystem::path& database);

/// The list, with this key as the one in force from now on if it was not. A new list is on disk, whole, before anything
/// is signed. Never fails: without a list that can be read and written reports are refused with that sentence, and all
/// else goes on.
[[nodiscard]] ReportSigning open_report_signing(const std::filesystem::path& file,
                                                std::unique_ptr<Signer> key, WallTime now);

}  // namespace chiploc
