#pragma once
// Private: chips' counters by key, and the journal of their beginnings.
#include "server/storage/sqlite/database.hpp"
#include "server/storage/store.hpp"

namespace chiploc {

/// SHA-256 of the SubjectPublicKeyInfo in this certificate (DER); nullopt if none of ours.
std::optional<Digest> signer_of_certificate(Bytes der);

bool put_counters(Database& db, const ChipId& chip, const ChipCounters& counters);
/// Counters under that key, whether they were stored by key or before there were keys.
Stored<std::optional<ChipCounters>> counters_of(Database& db, const ChipId& chip, const Digest& signer);
bool forget_counters(Database& db, const ChipId& chip, const Digest& signer);
bool put_counter_start(Database& db, const CounterStart& start);
/// By its number; nullopt: it is not there, or the database failed.
std::optional<CounterStart> read_counter_start(Database& db, std::int64_t number);

}  // namespace chiploc
