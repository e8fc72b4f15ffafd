#pragma once
// What the engine asks its surroundings to do. In order; each once.

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "proto/v1/anchor_service.pb.h"
#include "server/rounds/calibrator.hpp"
#include "server/rounds/judging.hpp"
#include "server/rounds/watch.hpp"

namespace chiploc {

/// An anchor's stream, named by whoever owns it. Never used twice.
using LinkId = std::uint64_t;
/// A person who waits for a round, named by whoever knows them. 0: nobody.
using WatcherId = std::uint64_t;

/// Why an anchor's stream is ended by the coordinator.
enum class LinkEnd {
  kUnsupportedVersion,  ///< it speaks another protocol version
  kNotRegistered,       ///< unknown name, or its id is not the registered key's
  kWrongCertificate,    ///< the TLS certificate is another anchor's
  kReplaced,            ///< a newer stream of the same anchor came
  kProtocol,            ///< a message that makes no sense at that point
  kShuttingDown,
};

enum class LogLevel : std::uint8_t { kInfo, kWarning, kError };

namespace act {

/// Where the message cannot be taken: on_not_sent().
struct Send {
  LinkId link = 0;
  v1::CoordinatorMessage message;
};
struct End {
  LinkId link = 0;
  LinkEnd why{};
  std::string text;  ///< one sentence
};

/// judge() this, wherever there is time for it; then on_judged().
struct Judge {
  RoundId round;
  std::shared_ptr<const JudgingTask> task;
};
/// suggest() for this, where it is in nobody's way; then on_suggested().
struct Suggest {
  RoundId round;
  std::shared_ptr<const MeshModel> model;
  Decision decision;
};

/// Give this checked window to a Calibrator; then on_calibration(), some time.
struct LearnWindow {
  MeshRecord window;  ///< without its bytes
  Registry::Snapshot registry;
};
/// What was measured between other places than these is to be forgotten; then on_calibration().
struct ForgetPlaces {
  Registry::Snapshot registry;
};
/// learn_places() of the engine's mesh() anew; then on_places().
struct LearnPlaces {};

/// For who watches a round, in this order: started at most once, progress any number of times, then one of
/// verdict and abandoned. The watcher is not named again after that.
struct TellStarted {
  WatcherId watcher = 0;
  RoundId round;
  std::vector<std::string> anchors;
  Nanoseconds knock_wait{0};  ///< the chip's knock is waited for so long; 0: it is reached inbound
  std::string knock_note;     ///< what is known of its knocks; empty likewise
};
struct TellProgress {
  WatcherId watcher = 0;
  AnchorProgress progress;
};
struct TellVerdict {
  WatcherId watcher = 0;
  std::shared_ptr<const v1::Verdict> verdict;  ///< in the store already
};
struct TellAbandoned {
  WatcherId watcher = 0;
  RoundFault fault{};
};

/// A line for the log: `event key=value key="value"`, then `rest`. Values are safe to print.
struct Log {
  struct Field {
    std::string key;
    std::string value;
    bool quoted = false;
  };
  LogLevel level = LogLevel::kInfo;
  std::string event;  ///< stable, dotted
  std::vector<Field> fields;
  std::string rest{};  ///< for people
};
[[nodiscard]] std::string text_of(const Log& line);

}  // namespace act

using EngineAction = std::variant<act::Send, act::End, act::Judge, act::Suggest, act::LearnWindow,
                                  act::ForgetPlaces, act::LearnPlaces, act::TellStarted, act::TellProgress,
                                  act::TellVerdict, act::TellAbandoned, act::Log>;

}  // namespace chiploc
