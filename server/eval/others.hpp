#pragma once
// Measurements as the programs of others write them: texts -> names and milliseconds. One reader a format;
// each says what is wrong with its line and goes on with the next. Where the names stand on the Earth is for
// others_places.hpp. Pure.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/eval/rtt_folder.hpp"
#include "server/tables/rows.hpp"

namespace chiploc {

enum class OthersFormat : std::uint8_t { kMatrix, kTable, kPing, kFping, kAtlas };
[[nodiscard]] std::string_view name_of(OthersFormat format);
[[nodiscard]] std::optional<OthersFormat> format_named(std::string_view name);

struct OthersFile {
  std::string name;    ///< for messages
  std::string source;  ///< who measured, where the format does not say so: ping and fping
  std::string text;
};

/// Which columns of a long table hold source, target and round trip: names of the header, or numbers from 1.
using OthersColumns = std::array<std::string, 3>;

/// One round trip, or the least of several that one program sent: `source` asked, `target` answered.
struct MeasuredRow {
  std::size_t file = 0;  ///< number in the order given
  std::uint32_t line = 0;
  std::string source, target;
  std::string address;  ///< the target's, where the file has one beside its name; else empty
  double ms = 0.0;      ///< as the file has it; 0 to kRttMaxMs
};

struct OthersRows {
  std::vector<MeasuredRow> rows;
  std::size_t lost = 0;  ///< cells and lines that say that nothing came back
  std::size_t self = 0;  ///< of a node to itself: ignored
  /// The first row of whole milliseconds that fping printed from 100 ms on: it measured more digits.
  std::optional<MeasuredRow> cut_by_fping;
};

/// Where a reader puts what it finds in one file.
class RowTaker {
 public:
  RowTaker(const OthersFile& file, std::size_t number, const RttLimits& limits, OthersRows& rows)
      : limits_{limits}, number_{number}, rows_{rows}, faults_{file.name, limits.faults} {}

  /// Checks the names and keeps the row; those of a node to itself are counted.
  void add(std::uint32_t line, std::string_view source, std::string_view target, std::string_view address,
           double ms);
  void lose() { ++rows_.lost; }
  /// A round trip in milliseconds; nullopt after saying what is wrong with it.
  std::optional<double> round_trip(std::uint32_t line, std::string_view field, std::string_view text);
  /// Whether the text is a name: UTF-8 without control characters, 1 to 200 bytes.
  bool is_name(std::uint32_t line, std::string_view field, std::string_view text);
  void fault(std::uint32_t line, std::string_view field, std::string problem) {
    faults_.add(line, field, std::move(problem));
  }
  void self() { ++rows_.self; }
  void cut_by_fping(std::uint32_t line, std::string_view target, double ms);
  /// No more rows are taken; it has been said.
  [[nodiscard]] bool full() const { return full_; }
  [[nodiscard]] const RttLimits& limits() const { return limits_; }
  [[nodiscard]] FaultLog& faults() { return faults_; }
  /// Rows and losses of this file.
  [[nodiscard]] std::size_t found() const { return rows_.rows.size() + rows_.lost + rows_.self - before_; }

 private:
  const RttLimits& limits_;
  std::size_t number_;
  OthersRows& rows_;
  FaultLog faults_;
  std::size_t before_ = rows_.rows.size() + rows_.lost + rows_.self;
  bool full_ = false;
};

/// The shortest text that reads as this number.
[[nodiscard]] std::string exact_number(double value);

/// Empty, "-" and "NA": nothing came back.
[[nodiscard]] bool is_missing(std::string_view cell);

/// First line: the destinations, behind a corner that says anything; each further line: a source and its round
/// trips. Cells are parted by tabs, semicolons or commas; missing ones and those of a node to itself ignored.
void read_matrix(const OthersFile& file, RowTaker& to);

/// A line a row, in three of its columns source, target and milliseconds; parted by tabs, semicolons, commas
/// or, without any of these in the first line, blanks. Named columns need a header; with numbers the first
/// line is a header if its round trip is no number.
void read_table(const OthersFile& file, const OthersColumns& columns, RowTaker& to);

/// Output of ping, one run after the other: iputils ("rtt min/avg/max/mdev = .."), BSD, macOS, busybox and
/// inetutils ("round-trip .."). Of each run the PING line names the target and the summary has the least.
/// Replies and other lines are passed over; a run without a summary is a fault.
void read_ping(const OthersFile& file, RowTaker& to);

/// Summaries of fping: -C ("host : 1.2 - 3.4") and -c ("host : xmt/rcv/%loss = ..") and -Q, with -A and -n too.
void read_fping(const OthersFile& file, RowTaker& to);

/// Results of ping measurements of RIPE Atlas: an array, or an object a line. The source is the probe's number,
/// the target dst_name, with dst_addr as its address.
void read_atlas(const OthersFile& file, RowTaker& to);

/// Formats that the text may be of, likeliest first. Empty: none.
[[nodiscard]] std::vector<OthersFormat> formats_of(std::string_view text);

/// Its lines one by one, without their ends (LF, CRLF, CR), a byte order mark before the first.
class LineReader {
 public:
  explicit LineReader(std::string_view text);
  /// False at the end.
  bool next(std::string_view& line);
  [[nodiscard]] std::uint32_t number() const { return number_; }

 private:
  std::string_view rest_;
  std::uint32_t number_ = 0;
};

}  // namespace chiploc
