-- What other systems are to be told, written in the transaction that it tells of. `event` is the CloudEvent's text.
CREATE TABLE notices (
  notice_no   INTEGER PRIMARY KEY AUTOINCREMENT,
  notice      BLOB NOT NULL UNIQUE CHECK (length(notice) = 16),
  kind        INTEGER NOT NULL,
  stream      TEXT NOT NULL,
  at_unix_ns  INTEGER NOT NULL,
  event       TEXT NOT NULL
) STRICT;

-- A notice on its way to a sink. `due_unix_ns` is NULL where it is over, and where it stands behind another one of its
-- stream that waits: so what is due is found without looking at what has to wait for it.
CREATE TABLE notice_deliveries (
  delivery_no     INTEGER PRIMARY KEY AUTOINCREMENT,
  notice_no       INTEGER NOT NULL REFERENCES notices (notice_no),
  sink            TEXT NOT NULL,
  stream          TEXT NOT NULL,
  state           INTEGER NOT NULL DEFAULT 0,
  attempts        INTEGER NOT NULL DEFAULT 0,
  queued_unix_ns  INTEGER NOT NULL,
  due_unix_ns     INTEGER,
  UNIQUE (notice_no, sink)
) STRICT;
CREATE INDEX notice_deliveries_due ON notice_deliveries (sink, due_unix_ns) WHERE due_unix_ns IS NOT NULL;
CREATE INDEX notice_deliveries_waiting ON notice_deliveries (sink, stream, delivery_no) WHERE state = 0;
CREATE INDEX notice_deliveries_dead ON notice_deliveries (delivery_no) WHERE state = 2;

-- Every attempt, until it is old or there are too many.
CREATE TABLE delivery_log (
  entry_no     INTEGER PRIMARY KEY AUTOINCREMENT,
  at_unix_ns   INTEGER NOT NULL,
  delivery_no  INTEGER NOT NULL,
  notice       BLOB NOT NULL CHECK (length(notice) = 16),
  sink         TEXT NOT NULL,
  attempt      INTEGER NOT NULL,
  ending       INTEGER NOT NULL,
  status       INTEGER NOT NULL,
  took_ns      INTEGER NOT NULL,
  state        INTEGER NOT NULL,
  text         TEXT NOT NULL
) STRICT;
CREATE INDEX delivery_log_by_notice ON delivery_log (notice, entry_no);
CREATE INDEX delivery_log_by_sink ON delivery_log (sink, entry_no);

-- Sinks that are switched off: their receiver said 410, or a person did.
CREATE TABLE notice_sinks_off (
  sink         TEXT PRIMARY KEY,
  off_unix_ns  INTEGER NOT NULL,
  why          TEXT NOT NULL
) STRICT;
