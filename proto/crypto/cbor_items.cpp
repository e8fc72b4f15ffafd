#include "proto/crypto/cbor_items.hpp"

#include <cbor.h>

#include <array>

namespace chiploc {
namespace {

using Kind = CborItem::Kind;

/// What one call of libcbor's stream decoder reported.
struct Seen {
  CborItem item;
  bool indefinite = false;
};

Seen& seen(void* context) { return *static_cast<Seen*>(context); }
template <Kind kind, class Value>
void on_value(void* context, Value value) {
  seen(context).item = {kind, value, {}};
}
template <Kind kind>
void on_string(void* context, cbor_data data, std::size_t size) {
  seen(context).item = {kind, size, Bytes{data, size}};
}
void on_indefinite(void* context) { seen(context).indefinite = true; }

cbor_callbacks make_callbacks() {
  cbor_callbacks callbacks = cbor_empty_callbacks;  // floats, simple values and breaks stay kOther
  callbacks.uint8 = on_value<Kind::kUnsigned, std::uint8_t>;
  callbacks.uint16 = on_value<Kind::kUnsigned, std::uint16_t>;
  callbacks.uint32 = on_value<Kind::kUnsigned, std::uint32_t>;
  callbacks.uint64 = on_value<Kind::kUnsigned, std::uint64_t>;
  callbacks.negint8 = on_value<Kind::kNegative, std::uint8_t>;
  callbacks.negint16 = on_value<Kind::kNegative, std::uint16_t>;
  callbacks.negint32 = on_value<Kind::kNegative, std::uint32_t>;
  callbacks.negint64 = on_value<Kind::kNegative, std::uint64_t>;
  callbacks.byte_string = on_string<Kind::kBytes>;
  callbacks.string = on_string<Kind::kText>;
  callbacks.array_start = on_value<Kind::kArray, std::size_t>;
  callbacks.map_start = on_value<Kind::kMap, std::size_t>;
  callbacks.tag = on_value<Kind::kTag, std::uint64_t>;
  callbacks.byte_string_start = on_indefinite;
  callbacks.string_start = on_indefinite;
  callbacks.indef_array_start = on_indefinite;
  callbacks.indef_map_start = on_indefinite;
  return callbacks;
}

/// RFC 8949, 4.2.1: the argument of a head is as short as possible.
std::size_t shortest_head(std::uint64_t argument) {
  constexpr std::uint64_t kInHead = 24;
  if (argument < kInHead) return 1;
  if (argument <= 0xff) return 2;
  if (argument <= 0xffff) return 3;
  return argument <= 0xffff'ffff ? 5 : 9;
}

}  // namespace

Result<CborItem, StatementFault> CborReader::next() {
  if (fault_) return Fail{*fault_};
  static const cbor_callbacks kCallbacks = make_callbacks();
  const auto fail = [this](StatementFault fault) {
    fault_ = fault;
    return Fail{fault};
  };
  if (at_end()) return fail(StatementFault::kMalformed);
  // libcbor 0.8 refuses tags 6 to 20 as unassigned, 18 (COSE_Sign1) among them: tags in a head of one byte
  // are read here.
  if (const std::uint8_t head = in_[at_]; head >= 0xC0 && head < 0xC0 + 24) {
    ++at_;
    return CborItem{Kind::kTag, head - std::uint64_t{0xC0}, {}};
  }
  Seen one;
  const cbor_decoder_result decoded =
      cbor_stream_decode(in_.data() + at_, in_.size() - at_, &kCallbacks, &one);
  if (decoded.status != CBOR_DECODER_FINISHED) return fail(StatementFault::kMalformed);
  if (one.indefinite) return fail(StatementFault::kNotDeterministic);
  // Simple values and floats appear nowhere in the profile; whoever asked for something else refuses them.
  if (one.item.kind != Kind::kOther &&
      decoded.read != shortest_head(one.item.value) + one.item.content.size()) {
    return fail(StatementFault::kNotDeterministic);
  }
  at_ += decoded.read;
  return one.item;
}

Result<CborItem, StatementFault> CborReader::expect(Kind kind, StatementFault otherwise) {
  auto item = next();
  if (item && item->kind != kind) {
    fault_ = otherwise;
    return Fail{otherwise};
  }
  return item;
}

template <class Encode, class Value>
void CborWriter::head(Encode encode, Value value) {
  ByteArray<9> buffer;
  const std::size_t size = encode(value, buffer.data(), buffer.size());
  out_.insert(out_.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
}

void CborWriter::number(std::int64_t value) {
  if (value >= 0) {
    head(cbor_encode_uint, static_cast<std::uint64_t>(value));
  } else {
    head(cbor_encode_negint, static_cast<std::uint64_t>(-1 - value));
  }
}
void CborWriter::unsigned_number(std::uint64_t value) { head(cbor_encode_uint, value); }
void CborWriter::bytes(Bytes value) {
  head(cbor_encode_bytestring_start, value.size());
  out_.insert(out_.end(), value.begin(), value.end());
}
void CborWriter::text(std::string_view value) {
  head(cbor_encode_string_start, value.size());
  out_.insert(out_.end(), value.begin(), value.end());
}
void CborWriter::array(std::size_t count) { head(cbor_encode_array_start, count); }
void CborWriter::map(std::size_t count) { head(cbor_encode_map_start, count); }
void CborWriter::tag(std::uint64_t value) { head(cbor_encode_tag, value); }

}  // namespace chiploc
