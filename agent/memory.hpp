#pragma once

namespace chiploc {

/// Gives back what only the start needed: free pages of the heap, and the resident pages of program and
/// library code, which come back from the page cache one by one as they are used (a microsecond each; reading
/// a key, parsing a configuration and loading providers touch far more code than answering does). Call it
/// once, when everything is set up and before anything is timed. Failing does no harm and is not told.
void trim_after_start();

}  // namespace chiploc
