#pragma once
// What `lab check --simulated --seeds 4..6` of tests' small.toml stores, by its digest. This test is built by clang for the
// sanitizers and the command's by g++ for users: both have to come to it. Another version of chiploc, of the borders or of
// the records has another one; then look at why, and put it here.

namespace chiploc::test {

inline constexpr const char* kSmallLabEvidence =
    "9972b502d50e4710c5c67a86577f8d7c8f1043f4c0e3bcab304b9b6bb5a7c9d1";
inline constexpr unsigned kSmallLabRounds = 24;

}  // namespace chiploc::test
