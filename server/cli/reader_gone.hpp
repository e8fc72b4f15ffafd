#pragma once

namespace chiploc {

/// From here on this program ends without a word, by SIGPIPE, once nobody reads its standard output any more: also
/// while it has nothing to write, and where SIGPIPE was ignored when it started. A thread of its own, which waits.
void end_when_nobody_reads();

}  // namespace chiploc
