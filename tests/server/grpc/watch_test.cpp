// Watching what is committed over gRPC.
#include "tests/server/grpc/operator_calls.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace watch_test {

const std::string kOne = chip_id("aaaa1"), kTwo = chip_id("aaaa2");  // of L-1; of L-2, Example SA's

/// An open stream whose first event, which says where it begins, has come.
struct Open {
  Open(const OperatorWorld& world, const Credentials& who, const std::string& after = "",
       const std::string& reason = "")
      : stub{world.stub(who)} {
    if (!reason.empty()) context.AddMetadata(std::string{kReasonField}, reason);
    v1::WatchRequest request;
    request.set_after(after);
    request.add_kinds(v1::WATCH_VERDICTS);
    reader = stub->Watch(&context, request);
  }
  ~Open() { context.TryCancel(); }
  v1::WatchEvent next() {
    v1::WatchEvent event;
    REQUIRE(reader->Read(&event));
    return event;
  }
  std::unique_ptr<v1::OperatorService::Stub> stub;
  grpc::ClientContext context{};
  std::unique_ptr<grpc::ClientReader<v1::WatchEvent>> reader{};
};

TEST_CASE("Watch: events come in order, whole to an auditor and open to a reader, and go on behind an id",
          "[api][roles]") {
  OperatorWorld world;
  world.import({kOne, kTwo});
  Open reader{world, world.reader}, auditor{world, world.auditor}, holder{world, world.example_reader};
  CHECK(reader.next().body_case() == v1::WatchEvent::BODY_NOT_SET);
  (void)auditor.next();
  (void)holder.next();
  world.play_round(kOne);
  world.play_round(kTwo);
  const v1::WatchEvent open = reader.next(), whole = auditor.next();
  CHECK(open.verdict().state() == v1::VERIFIED);
  CHECK_FALSE(open.verdict().has_region_centre());
  CHECK(whole.id() == open.id());
  CHECK(whole.verdict().has_region_centre());
  const auto looks = world.reader_of_store().audit().audit_entries({}).value();
  CHECK(looks.front().method == "chiploc.v1.OperatorService.Watch");
  const v1::WatchEvent second = reader.next();
  CHECK(second.verdict().chip_id() != open.verdict().chip_id());
  CHECK(holder.next().id() == second.id());  // the other is not theirs
  Open again{world, world.reader, open.id()};
  CHECK(again.next().id() == open.id());
  CHECK(again.next().id() == second.id());
}

TEST_CASE("Watch: what is no place to go on from is a status", "[api]") {
  OperatorWorld world;
  world.import({kOne});
  world.play_round(kOne);
  world.play_round(kOne);
  const auto code = [&](const std::string& after) {
    Open open{world, world.reader, after};
    v1::WatchEvent event;
    REQUIRE_FALSE(open.reader->Read(&event));
    return open.reader->Finish().error_code();
  };
  CHECK(code("x") == grpc::StatusCode::INVALID_ARGUMENT);
  const std::uint64_t newest = world.reader_of_store().events().events_kept()->newest;
  CHECK(code(std::to_string(newest + 1)) == grpc::StatusCode::INVALID_ARGUMENT);
  world.store([](Store& store) {
    PruneOrder order;
    order.events_max = 1;
    REQUIRE(store.mesh().prune_some(order));
  });
  CHECK(code("0") == grpc::StatusCode::ABORTED);
}

TEST_CASE("Watch: who is revoked is cut, and so are all when chiplocd stops", "[api][tls]") {
  OperatorWorld world{/*revocable=*/true};
  world.import({kOne});
  Open admin{world, world.admin}, reader{world, world.reader};
  (void)admin.next();
  (void)reader.next();
  world.revoke({world.admin});
  v1::WatchEvent event;
  CHECK_FALSE(admin.reader->Read(&event));
  CHECK(admin.reader->Finish().error_code() == grpc::StatusCode::UNAUTHENTICATED);
  world.use_cases().end_watches();
  CHECK_FALSE(reader.reader->Read(&event));
  CHECK(reader.reader->Finish().error_code() == grpc::StatusCode::UNAVAILABLE);
}

}  // namespace watch_test
}  // namespace chiploc::test
