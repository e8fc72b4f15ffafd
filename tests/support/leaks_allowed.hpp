#pragma once
// Where a library of others loses memory: what is allocated while one of these lives is not reported as leaked.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHIPLOC_LEAKS_ARE_LOOKED_FOR 1
#include <sanitizer/lsan_interface.h>
#endif
#endif

namespace chiploc {

class LeaksAllowed {
 public:
#ifdef CHIPLOC_LEAKS_ARE_LOOKED_FOR
  LeaksAllowed() { __lsan_disable(); }
  ~LeaksAllowed() { __lsan_enable(); }
#else
  LeaksAllowed() = default;
  ~LeaksAllowed() {}  // so that none is unused
#endif
  LeaksAllowed(const LeaksAllowed&) = delete;
  LeaksAllowed& operator=(const LeaksAllowed&) = delete;
};

}  // namespace chiploc
