// What a coordinator may answer, as the command line shows it: the first byte chooses the message, the rest
// is its serialised form. Nothing that comes over the network may reach a terminal as a control sequence,
// break JSON, or add columns to CSV.
#include <algorithm>
#include <sstream>

#include "proto/base/bytes.hpp"
#include "server/cli/verdict_map.hpp"
#include "server/cli/verdict_text.hpp"
#include "server/service/json_view.hpp"
#include "tests/fuzz/fuzz_support.hpp"

namespace {

using namespace chiploc;
using fuzz::demand;

std::string dumped(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

void demand_printable(const std::string& text) {
  demand(std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20U && c != '\n') || byte == 0x7FU;
  }));
}

/// Through each writer of lists, with a column for a text that somebody else chose.
void write_lists(const Json& record, const std::string& text) {
  const std::vector<Column> columns{{"state", "STATE", "/state", false}, {"name", "NAME", "/serial", false}};
  for (const OutputFormat format :
       {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson, OutputFormat::kCsv}) {
    std::ostringstream out;
    RecordWriter writer{out, format, columns, false};
    writer.add({{printable(text), Colour::kNone}, {printable(text), Colour::kNone}}, record);
    writer.finish("nothing");
    if (format == OutputFormat::kTable) demand_printable(out.str());
    if (format == OutputFormat::kJson) demand(Json::accept(out.str()));
  }
}

template <class Message>
void show(Bytes data) {
  Message message;
  if (!message.ParseFromArray(data.data(), static_cast<int>(data.size()))) return;
  const Json json = json_of(message);
  demand(Json::accept(dumped(json)));
  write_lists(json, message.ShortDebugString());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes rest{data + 1, size - 1};
  demand_printable(printable(string_of(rest)));
  demand(printable(printable(string_of(rest))) == printable(string_of(rest)));
  demand(display_width(string_of(rest)) <= 2 * rest.size());
  switch (data[0] % 6) {
    case 0: {
      show<v1::Verdict>(rest);
      v1::Verdict verdict;
      if (!verdict.ParseFromArray(rest.data(), static_cast<int>(rest.size()))) break;
      std::ostringstream out;
      write_verdict(out, verdict, false);
      demand_printable(out.str());
      demand(Json::accept(dumped(verdict_map(verdict))));
      break;
    }
    case 1:
      show<v1::Chip>(rest);
      break;
    case 2:
      show<v1::Licence>(rest);
      break;
    case 3:
      show<v1::Anchor>(rest);
      break;
    case 4:
      show<v1::GetStatusResponse>(rest);
      break;
    default:
      show<v1::VerifyEvent>(rest);
  }
  return 0;
}
