#pragma once
#include <string>
#include <utility>

#include "proto/crypto/digest.hpp"

namespace chiploc {

/// A passphrase or PIN; wiped when it goes away. Movable, not copyable.
class SecretText {
 public:
  SecretText() = default;
  explicit SecretText(std::string text) : text_{std::move(text)} {}
  ~SecretText() { wipe({reinterpret_cast<std::uint8_t*>(text_.data()), text_.size()}); }
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
  SecretText(SecretText&& other) noexcept { text_.swap(other.text_); }
  SecretText& operator=(SecretText&& other) noexcept {
    text_.swap(other.text_);
    return *this;
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::string& writable() { return text_; }

 private:
  std::string text_;
};

}  // namespace chiploc
