#pragma once
#include <cassert>
#include <utility>
#include <variant>

namespace chiploc {

/// Wraps the reason of a failure on its way into a Result.
template <class E>
struct Fail {
  E reason;
};
template <class E>
Fail(E) -> Fail<E>;

/// A value, or the reason there is none. The member names are those of std::expected, which replaces this
/// file when the project moves to C++23. Asking for the side that is not there is our own bug: it asserts.
template <class T, class E>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = E;

  Result(T value) : state_{std::in_place_index<0>, std::move(value)} {}  // NOLINT: implicit by design
  template <class R>
  Result(Fail<R> fail) : state_{std::in_place_index<1>, std::move(fail.reason)} {}  // NOLINT

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  [[nodiscard]] T& value() & { return assert(has_value()), *std::get_if<0>(&state_); }
  [[nodiscard]] const T& value() const& { return assert(has_value()), *std::get_if<0>(&state_); }
  /// Of a temporary the value itself: a loop over part().value() would outlive what a reference names.
  [[nodiscard]] T value() && { return assert(has_value()), std::move(*std::get_if<0>(&state_)); }
  [[nodiscard]] const E& error() const { return assert(!has_value()), *std::get_if<1>(&state_); }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, E> state_;
};

/// The Result of an action that yields nothing.
using Done = std::monostate;

}  // namespace chiploc
