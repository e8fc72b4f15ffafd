#pragma once
#include <ostream>
#include <string>

#include "proto/v1/evidence.pb.h"
#include "server/text/records.hpp"

namespace chiploc {

/// The state in words: "proved to be inside the licensed territory".
[[nodiscard]] std::string state_in_words(v1::VerdictState state);
[[nodiscard]] Colour colour_of(v1::VerdictState state);

/// A verdict for a person: state and reasons, then what was proved, then, apart from it, what was only
/// suggested, then each anchor's part. What the verdict does not carry (a reader's verdict has no places) is
/// said to be missing.
void write_verdict(std::ostream& out, const v1::Verdict& verdict, bool colour);

/// What the coordinator says of a deadline, in the words of the option that gave it: seconds of --deadline
/// for milliseconds of the field deadline_ms. Other sentences stay as they are.
[[nodiscard]] std::string in_terms_of_option(std::string fault);

/// "any 1 perspective(s) may be wrong", "no perspective may be wrong".
[[nodiscard]] std::string faults_text(std::uint32_t budget);
/// "50.11 N 8.68 E"
[[nodiscard]] std::string place_text(const v1::Position& place);
/// A number with `decimals` digits behind the point, "," between thousands: "1,234.5".
[[nodiscard]] std::string number_text(double value, int decimals);
/// Three digits that count, "0.0103", and whole numbers from 1000 on: a hall has a size as a country has.
[[nodiscard]] std::string km2_text(double km2);

}  // namespace chiploc
