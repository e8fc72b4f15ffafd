-- Everything that judging a round needs beside its evidence: v1::RoundContext, written with the intent. Rounds of before
-- 2026-11-30 have none and cannot be judged again.
CREATE TABLE round_contexts (
  round_no  INTEGER PRIMARY KEY REFERENCES rounds (round_no),
  bytes     BLOB NOT NULL
) STRICT;
-- What contexts name by digest, once for all rounds.
CREATE TABLE areas (
  sha256   BLOB PRIMARY KEY CHECK (length(sha256) = 32),
  geojson  TEXT NOT NULL
) STRICT;
CREATE TABLE calibrations (
  sha256  BLOB PRIMARY KEY CHECK (length(sha256) = 32),
  bytes   BLOB NOT NULL
) STRICT;

-- What a verdict's bytes are. 0: a v1::Verdict of before 2026-11-30; 1: a v1::VerdictRecord.
ALTER TABLE verdicts ADD COLUMN format INTEGER NOT NULL DEFAULT 0;
