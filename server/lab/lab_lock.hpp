#pragma once
// Which block of loopback addresses a lab has.

#include <optional>

namespace chiploc {

/// The number of a lab, held until destroyed. An abstract unix socket is the lock: the kernel frees it with
/// the process, however that ends, and it never outlives a reboot.
class LabLock {
 public:
  /// `wanted`, or the first number that is free. nullopt if it, or all, are taken.
  [[nodiscard]] static std::optional<LabLock> take(std::optional<int> wanted);
  LabLock(LabLock&& other) noexcept;
  LabLock& operator=(LabLock&&) = delete;
  ~LabLock();
  [[nodiscard]] int number() const { return number_; }

 private:
  LabLock(int fd, int number) : fd_{fd}, number_{number} {}
  int fd_;
  int number_;
};

}  // namespace chiploc
