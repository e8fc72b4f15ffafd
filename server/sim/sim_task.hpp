#pragma once
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace chiploc::sim {

/// A function to be called once. Move-only; what fits into kInline bytes is kept in place, so that a datagram
/// under way costs no allocation beyond its own bytes.
class SimTask {
 public:
  static constexpr std::size_t kInline = 96;

  SimTask() = default;
  template <class F, class = std::enable_if_t<!std::is_same_v<std::decay_t<F>, SimTask>>>
  SimTask(F&& function) {  // NOLINT: implicit by design
    using Kept = std::decay_t<F>;
    if constexpr (sizeof(Kept) <= kInline && alignof(Kept) <= alignof(std::max_align_t) &&
                  std::is_nothrow_move_constructible_v<Kept>) {
      new (bytes_) Kept(std::forward<F>(function));
      how_ = &kInPlace<Kept>;
    } else {
      new (bytes_) Kept*(new Kept(std::forward<F>(function)));
      how_ = &kOnHeap<Kept>;
    }
  }
  SimTask(SimTask&& other) noexcept { take(other); }
  SimTask& operator=(SimTask&& other) noexcept {
    if (this == &other) return *this;
    drop();
    take(other);
    return *this;
  }
  ~SimTask() { drop(); }
  SimTask(const SimTask&) = delete;
  SimTask& operator=(const SimTask&) = delete;

  void operator()() { how_->call(bytes_); }

 private:
  struct How {
    void (*call)(std::byte*);
    void (*move)(std::byte* from, std::byte* to);
    void (*drop)(std::byte*);
  };
  template <class Kept>
  static Kept& in_place(std::byte* bytes) {
    return *std::launder(reinterpret_cast<Kept*>(bytes));
  }
  template <class Kept>
  static constexpr How kInPlace{[](std::byte* b) { in_place<Kept>(b)(); },
                                [](std::byte* from, std::byte* to) {
                                  new (to) Kept(std::move(in_place<Kept>(from)));
                                  in_place<Kept>(from).~Kept();
                                },
                                [](std::byte* b) { in_place<Kept>(b).~Kept(); }};
  template <class Kept>
  static constexpr How kOnHeap{[](std::byte* b) { (*in_place<Kept*>(b))(); },
                               [](std::byte* from, std::byte* to) { new (to) Kept*(in_place<Kept*>(from)); },
                               [](std::byte* b) { delete in_place<Kept*>(b); }};
  void take(SimTask& other) noexcept {
    how_ = std::exchange(other.how_, nullptr);
    if (how_ != nullptr) how_->move(other.bytes_, bytes_);
  }
  void drop() {
    if (how_ != nullptr) how_->drop(bytes_);
    how_ = nullptr;
  }

  alignas(std::max_align_t) std::byte bytes_[kInline];
  const How* how_ = nullptr;
};

}  // namespace chiploc::sim
