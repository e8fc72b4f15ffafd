#include "server/cli/status_text.hpp"

#include <set>
#include <sstream>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

v1::ChipStatus status_of(v1::ChipState state) {
  v1::ChipStatus status;
  status.set_state(state);
  status.set_since_unix_ns(1'790'000'000 * kSecond);
  status.add_rests_on(std::string(16, '\x0a'));
  status.add_rests_on(std::string(16, '\x0b'));
  status.set_why("It was seen.");
  status.set_ended_by("It ends with a proof.");
  return status;
}

std::string shown(const v1::ChipStatus& status, bool colour = false, const StatusNotes& notes = {}) {
  std::ostringstream out;
  write_status(out, status, "SN-1", colour, notes);
  return out.str();
}

TEST_CASE("status text: the state, why, what it rests on, what ends it, and what a person has to do",
          "[cli]") {
  CHECK(
      shown(status_of(v1::CHIP_UNPROVEN)) ==
      "status       unproven since 2026-09-21 14:13:20Z\n"
      "why          It was seen.\n"
      "rests on     verdict 0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a\n"
      "rests on     verdict 0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b\n"
      "ends         It ends with a proof.\n"
      "to do        find out what its rounds lack; this says what would resolve them: chiploc verdict show SN-1\n");
  v1::ChipStatus status = status_of(v1::CHIP_DISPUTED);
  status.clear_rests_on();
  status.set_in_dispute(v1::CHIP_DRIFTED);
  status.set_next(v1::CHIP_DRIFTED);
  status.set_next_unix_ns(1'790'000'060 * kSecond);
  v1::ChipAbsence& absence = *status.add_absences();
  absence.set_kind(v1::ABSENT_IN_STORAGE);
  absence.set_from_unix_ns(1'790'000'000 * kSecond);
  absence.set_until_unix_ns(1'790'000'120 * kSecond);
  CHECK(
      shown(status) ==
      "status       disputed (drifted, its operator says otherwise) since 2026-09-21 14:13:20Z\n"
      "why          It was seen.\n"
      "ends         It ends with a proof.\n"
      "next         drifted at 2026-09-21 14:14:20Z, if nothing comes before\n"
      "absence      storage from 2026-09-21 14:13:20Z until 2026-09-21 14:15:20Z\n"
      "to do        look into what its operator says before the time is over; the evidence: chiploc verdict show ID "
      "--evidence DIR\n");
  absence.set_reason("moved");
  absence.set_declared_by("ada");
  CHECK_THAT(shown(status), Catch::Contains("14:15:20Z: moved (declared by ada)\n"));
}

TEST_CASE(
    "status text: each state says something else to do, and names the chip where it has a command for it",
    "[cli]") {
  std::set<std::string> all;
  for (int state = v1::CHIP_PENDING; state <= v1::CHIP_ABSENT; ++state) {
    const std::string text =
        what_to_do(status_of(static_cast<v1::ChipState>(state)), "SN-7", StatusFor::kOverseer);
    all.insert(text);
    const bool accused = state == v1::CHIP_PROHIBITED || state == v1::CHIP_DISPUTED;
    CHECK((text.find("SN-7") != std::string::npos) == (state != v1::CHIP_COMPLIANT && !accused));
    if (accused || state == v1::CHIP_TAMPERED)
      CHECK_THAT(text,
                 Catch::Contains("chiploc verdict show 0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b --evidence DIR"));
  }
  CHECK(all.size() == 10);
  CHECK(what_to_do(status_of(v1::CHIP_COMPLIANT), "SN-7", StatusFor::kOverseer) == "nothing");
  CHECK_THAT(what_to_do(status_of(static_cast<v1::ChipState>(77)), "SN-7", StatusFor::kOverseer),
             Catch::Contains("bring chiploc up to date"));
}

TEST_CASE("status text: an entity is told what it can do itself, and sent to nobody's operator", "[cli]") {
  std::set<std::string> all;
  for (int state = v1::CHIP_PENDING; state <= v1::CHIP_ABSENT; ++state) {
    const std::string text =
        what_to_do(status_of(static_cast<v1::ChipState>(state)), "SN-7", StatusFor::kEntity);
    INFO(text);
    all.insert(text);
    for (const char* others : {"its operator", "chiplocd.toml", "--evidence", "restart-counters", "enforces"})
      CHECK(text.find(others) == std::string::npos);
  }
  CHECK(all.size() == 10);
  CHECK_THAT(what_to_do(status_of(v1::CHIP_DRIFTED), "SN-7", StatusFor::kEntity),
             Catch::StartsWith("bring it back to where its licence has it"));
  CHECK_THAT(shown(status_of(v1::CHIP_SILENT), false, {StatusFor::kEntity, {}}),
             Catch::Contains("\nto do        give it power, network and a running agent, "));
}

TEST_CASE("status text: by which policy it was decided, where that is in force no more", "[cli]") {
  CHECK(shown(status_of(v1::CHIP_COMPLIANT)).find("decided by") == std::string::npos);
  CHECK_THAT(
      shown(status_of(v1::CHIP_COMPLIANT), false, {StatusFor::kOverseer, {"policy-2 fibre faults=1"}}),
      Catch::Contains("0b0b\ndecided by   policy-2 fibre faults=1, which is not in force any more\nends "));
}

TEST_CASE("status text: green is what is proved alone, red what is accused", "[cli]") {
  const auto coloured = [](Colour colour) {
    std::string out;
    for (int state = v1::CHIP_PENDING; state <= v1::CHIP_ABSENT; ++state) {
      if (colour_of(static_cast<v1::ChipState>(state)) == colour) out += std::to_string(state) + " ";
    }
    return out;
  };
  CHECK(coloured(Colour::kGreen) == "2 ");
  CHECK(coloured(Colour::kRed) == "6 7 8 ");
  CHECK(coloured(Colour::kYellow) == "3 4 5 9 ");
  CHECK(colour_of(static_cast<v1::ChipState>(77)) == Colour::kDim);
  CHECK_THAT(shown(status_of(v1::CHIP_DRIFTED), true), Catch::Contains("\x1b[31mdrifted\x1b[0m"));
}

TEST_CASE("status text: what is next, and nothing that steers a terminal", "[cli]") {
  v1::ChipStatus status = status_of(v1::CHIP_COMPLIANT);
  CHECK(next_text(status) == "-");
  status.set_next(v1::CHIP_PENDING);
  status.set_next_unix_ns(1'790'000'060 * kSecond);
  CHECK(next_text(status) == "pending 2026-09-21 14:14:20Z");
  status.set_why("a\x1b[2J");
  status.set_ended_by("b\x1b[2J");
  status.add_absences()->set_reason("c\x1b[2J");
  CHECK(shown(status).find('\x1b') == std::string::npos);
  std::ostringstream out;
  write_status(out, status_of(v1::CHIP_PENDING), "\x1b[2J", false, {StatusFor::kEntity, {"p\x1b[2J"}});
  CHECK(out.str().find('\x1b') == std::string::npos);
}

}  // namespace
}  // namespace chiploc
