-- What keeps notices back for a time. `rule` is a v1::MuteRecord; it is over at `ends_unix_ns`, as it was stated or when
-- somebody ended it.
CREATE TABLE mutes (
  mute_no       INTEGER PRIMARY KEY AUTOINCREMENT,
  rule          BLOB NOT NULL,
  by_sha256     BLOB,  -- of their certificate
  from_unix_ns  INTEGER NOT NULL,
  ends_unix_ns  INTEGER NOT NULL,
  ended_by      TEXT NOT NULL DEFAULT '',  -- '': nobody, before its time
  hidden        INTEGER NOT NULL DEFAULT 0  -- notices that it kept back
) STRICT;
CREATE INDEX mutes_by_end ON mutes (ends_unix_ns);

-- A notice that is kept back has deliveries in state 3, and a line for each in the log: attempt 0.
CREATE INDEX delivery_log_muted ON delivery_log (entry_no) WHERE state = 3;
-- The newest of each subject.
CREATE INDEX notices_by_stream ON notices (stream, notice_no);
