#pragma once
#include <chrono>

namespace chiploc {

/// What a connection's socket is given: no waiting for more to send; 64 KiB at most that are not sent yet, so that a client
/// that does not read cannot fill the kernel; and an end when nothing is acknowledged for `unanswered`. Where the system
/// does not know one of them the deadlines hold all the same.
void prepare_socket(int fd, std::chrono::seconds unanswered);

}  // namespace chiploc
