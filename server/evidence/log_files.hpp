#pragma once
// Files of a log, and of whoever witnesses one: each whole and durable, or as it was before.

#include <cstdint>
#include <filesystem>
#include <string>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"

namespace chiploc {

/// What is wrong with a log's files, or with writing them: a sentence that names the file and what to do.
struct LogFault {
  enum class Code : std::uint8_t {
    kNotFound,  ///< no log is there
    kDamaged,   ///< a file is missing, cut or changed, or its signature is another's
    kNoSuch,    ///< the log has no such entry
    kRefused,  ///< what was asked for would not be this log: an entry too long, another name, a log there already
    kDisk,  ///< the disk, or a right
    kKey    ///< the key would not sign
  };
  Code code{};
  std::string text;
};
template <class T>
using Logged = Result<T, LogFault>;

/// As chmod has it.
using FileMode = unsigned;

/// A whole file. kNotFound: there is none; kDamaged: no file, or longer than `most` bytes; kDisk.
[[nodiscard]] Logged<ByteVector> bytes_in(const std::filesystem::path& file, std::size_t most);
/// In one step, in place of what is there; durable when this returns, its name and the folders above it as well. Missing
/// folders are made, mode 0755. `file` with ".new" behind it is where it stands before. Fails with kDisk: then there is what
/// was there before or, where its folder could not be made durable, the new one.
[[nodiscard]] Logged<Done> put_file(const std::filesystem::path& file, Bytes bytes, FileMode mode);

}  // namespace chiploc
