#pragma once
// Messages that are kept by digest: one way to write them, and none other is read.

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>

#include <string>

#include "proto/base/bytes.hpp"

namespace chiploc {

/// The message's only form: fields by number, maps by key.
[[nodiscard]] inline ByteVector canonical_bytes(const google::protobuf::Message& message) {
  std::string out;
  {
    google::protobuf::io::StringOutputStream stream{&out};
    google::protobuf::io::CodedOutputStream coded{&stream};
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return {out.begin(), out.end()};
}

/// False for bytes that are no such message, hold fields that this version does not know, or would have been
/// written otherwise.
[[nodiscard]] inline bool read_canonical(Bytes bytes, std::size_t most, google::protobuf::Message& out) {
  if (bytes.size() > most || !out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return false;
  out.DiscardUnknownFields();
  return same_bytes(canonical_bytes(out), bytes);
}

}  // namespace chiploc
