#include "server/anchor/random_pool.hpp"

#include <algorithm>
#include <memory>

#include "proto/crypto/digest.hpp"

namespace chiploc {
namespace {

struct Pool {
  Pool() = default;
  ~Pool() { wipe(bytes); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ByteArray<4096> bytes{};
  std::size_t left = 0;  // at the front
};

}  // namespace

RandomFill pooled_random() {
  return [pool = std::make_shared<Pool>()](MutableBytes out) {
    if (out.size() > pool->bytes.size() / 4) return random_bytes_or_abort(out);
    if (out.size() > pool->left) {
      random_bytes_or_abort(pool->bytes);
      pool->left = pool->bytes.size();
    }
    pool->left -= out.size();
    const MutableBytes piece = MutableBytes{pool->bytes}.subspan(pool->left, out.size());
    std::copy(piece.begin(), piece.end(), out.begin());
    wipe(piece);
  };
}

}  // namespace chiploc
