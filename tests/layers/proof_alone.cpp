// Links everything that decides, whole, with what a proof may rest on and nothing else: the linker refuses a
// proof that reaches for an estimate. Run, it does nothing.
#include "server/verifier/decide.hpp"

int main() {
  const auto state = chiploc::state_of(chiploc::TerritoryFinding::kOpen);
  return state == chiploc::VerdictState::kUnresolved ? 0 : 1;
}
