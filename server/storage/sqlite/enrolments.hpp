#pragma once
// Tokens of enrolment in SQLite. Private to this folder.

#include "server/storage/enrolment_store.hpp"
#include "server/storage/sqlite/connection.hpp"

namespace chiploc {

// The questions, inside a read transaction.
Stored<std::vector<Enrolment>> read_enrolments(Database& db, const EnrolmentQuery& query);
Stored<std::vector<EnrolmentStep>> read_enrolment_steps(Database& db, std::uint64_t number);

/// Base is EnrolmentReader or EnrolmentStore.
template <class Base>
class SqliteEnrolmentReads : public Base {
 public:
  explicit SqliteEnrolmentReads(Connection& connection) : connection_{connection} {}
  Stored<std::vector<Enrolment>> enrolments(const EnrolmentQuery& query) override {
    return connection_.read(read_enrolments, query);
  }
  Stored<std::vector<EnrolmentStep>> enrolment_steps(std::uint64_t number) override {
    return connection_.read(read_enrolment_steps, number);
  }

 private:
  Connection& connection_;
};

class SqliteEnrolments final : public SqliteEnrolmentReads<EnrolmentStore> {
 public:
  explicit SqliteEnrolments(WriterConnection& writer) : SqliteEnrolmentReads{writer}, writer_{writer} {}
  Stored<std::uint64_t> make_enrolment(const Enrolment& enrolment, std::size_t open_most) override;
  Stored<Done> revoke_enrolment(std::uint64_t number, const std::string& by, WallTime now) override;
  Stored<Redemption> redeem(const Digest& token_sha256, const Digest& key_sha256, const std::string& from,
                            WallTime now) override;

 private:
  Stored<Done> step(std::uint64_t number, const EnrolmentStep& step);
  /// Every open one that is over by now says so.
  Stored<Done> tell_expired(WallTime now);
  WriterConnection& writer_;
};

}  // namespace chiploc
