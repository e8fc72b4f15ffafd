-- Times are nanoseconds since 1970 UTC. Ids are raw bytes. A column `bytes` is kept as given and never interpreted.
-- Tables with an integer key are written in the order of arrival; random ids have their own index only where they are
-- looked up, since every random index costs each insert.

-- Registry: the newest version only; what came when stands in the journal.
CREATE TABLE imports (
  version      INTEGER PRIMARY KEY,  -- of the registry that it made
  at_unix_ns   INTEGER NOT NULL,
  imported_by  TEXT NOT NULL,
  added        INTEGER NOT NULL,
  changed      INTEGER NOT NULL,
  unchanged    INTEGER NOT NULL
) STRICT;
CREATE TABLE import_files (
  version   INTEGER NOT NULL REFERENCES imports (version),
  position  INTEGER NOT NULL,
  kind      INTEGER NOT NULL,
  name      TEXT NOT NULL,
  sha256    BLOB NOT NULL CHECK (length(sha256) = 32),
  row_count INTEGER NOT NULL,
  PRIMARY KEY (version, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE makers (
  name    TEXT PRIMARY KEY,
  ca_pem  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE licences (
  licence     TEXT PRIMARY KEY,
  holder      TEXT NOT NULL,
  countries   TEXT NOT NULL,  -- "DE FR"
  valid_from  TEXT NOT NULL,  -- "2026-01-01"
  valid_to    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE anchors (
  name            TEXT PRIMARY KEY,
  public_key      BLOB NOT NULL CHECK (length(public_key) = 32),
  lat_deg         REAL NOT NULL,
  lon_deg         REAL NOT NULL,
  uncertainty_km  REAL NOT NULL,
  operator_name   TEXT NOT NULL,
  network         TEXT NOT NULL,
  address         TEXT NOT NULL,
  rendezvous      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE prohibited (
  country  TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TABLE chips (
  chip         BLOB PRIMARY KEY CHECK (length(chip) = 16),
  serial       TEXT NOT NULL,
  maker        TEXT NOT NULL REFERENCES makers (name),
  model        TEXT NOT NULL,
  licence      TEXT NOT NULL REFERENCES licences (licence),
  reach        TEXT NOT NULL,
  certificate  BLOB NOT NULL
) STRICT;

-- Rounds: the intent comes first, so nobody can leave out the rounds that they disliked.
CREATE TABLE rounds (
  round_no            INTEGER PRIMARY KEY,
  round               BLOB NOT NULL UNIQUE CHECK (length(round) = 16),
  chip                BLOB NOT NULL CHECK (length(chip) = 16),
  requested_by        TEXT NOT NULL,
  intent_unix_ns      INTEGER NOT NULL,
  device_certificate  BLOB NOT NULL,
  coordinator_public  BLOB NOT NULL,
  state               INTEGER NOT NULL DEFAULT 1 CHECK (state IN (1, 2, 3)),  -- open, finished, abandoned
  ended_unix_ns       INTEGER,
  abandoned_because   TEXT NOT NULL DEFAULT '',
  close_order         BLOB
) STRICT;
CREATE INDEX rounds_by_state ON rounds (state);
CREATE TABLE round_anchors (
  round_no    INTEGER NOT NULL REFERENCES rounds (round_no),
  position    INTEGER NOT NULL,
  anchor      BLOB NOT NULL CHECK (length(anchor) = 16),
  name        TEXT NOT NULL,
  public_key  BLOB NOT NULL CHECK (length(public_key) = 32),
  PRIMARY KEY (round_no, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE tickets (
  round_no  INTEGER NOT NULL REFERENCES rounds (round_no),
  position  INTEGER NOT NULL,
  bytes     BLOB NOT NULL,
  PRIMARY KEY (round_no, position)
) STRICT, WITHOUT ROWID;

-- What anchors deliver. spool_id is NULL for what came by no spool.
CREATE TABLE reports (
  report_no         INTEGER PRIMARY KEY,
  round_no          INTEGER NOT NULL REFERENCES rounds (round_no),
  anchor            BLOB NOT NULL CHECK (length(anchor) = 16),
  spool_id          INTEGER,
  received_unix_ns  INTEGER NOT NULL,
  conflicting       INTEGER NOT NULL,
  late              INTEGER NOT NULL,
  bytes             BLOB NOT NULL
) STRICT;
CREATE INDEX reports_by_round ON reports (round_no, anchor);
CREATE UNIQUE INDEX reports_by_spool ON reports (anchor, spool_id) WHERE spool_id IS NOT NULL;
CREATE INDEX reports_conflicting ON reports (conflicting) WHERE conflicting = 1;
CREATE TABLE statements (
  statement_no      INTEGER PRIMARY KEY,
  round_no          INTEGER NOT NULL REFERENCES rounds (round_no),
  anchor            BLOB NOT NULL CHECK (length(anchor) = 16),
  spool_id          INTEGER,
  received_unix_ns  INTEGER NOT NULL,
  late              INTEGER NOT NULL,
  bytes             BLOB NOT NULL
) STRICT;
CREATE INDEX statements_by_round ON statements (round_no);
CREATE UNIQUE INDEX statements_by_spool ON statements (anchor, spool_id) WHERE spool_id IS NOT NULL;
CREATE TABLE knocks (
  knock_no      INTEGER PRIMARY KEY,
  chip          BLOB NOT NULL CHECK (length(chip) = 16),
  anchor        BLOB NOT NULL CHECK (length(anchor) = 16),
  spool_id      INTEGER,
  seen_unix_ns  INTEGER NOT NULL,
  bytes         BLOB NOT NULL
) STRICT;
CREATE INDEX knocks_by_chip ON knocks (chip, seen_unix_ns);
CREATE INDEX knocks_by_time ON knocks (seen_unix_ns);
CREATE UNIQUE INDEX knocks_by_spool ON knocks (anchor, spool_id) WHERE spool_id IS NOT NULL;
CREATE TABLE mesh (
  mesh_no             INTEGER PRIMARY KEY,
  anchor              BLOB NOT NULL CHECK (length(anchor) = 16),
  spool_id            INTEGER,
  window_end_unix_ns  INTEGER NOT NULL,
  bytes               BLOB NOT NULL
) STRICT;
CREATE INDEX mesh_by_time ON mesh (window_end_unix_ns);
CREATE UNIQUE INDEX mesh_by_spool ON mesh (anchor, spool_id) WHERE spool_id IS NOT NULL;
CREATE TABLE mesh_pairs (
  mesh_no        INTEGER NOT NULL REFERENCES mesh (mesh_no) ON DELETE CASCADE,
  position       INTEGER NOT NULL,
  peer           BLOB NOT NULL CHECK (length(peer) = 16),
  sent           INTEGER NOT NULL,
  received       INTEGER NOT NULL,
  rtt_min_ns     INTEGER NOT NULL,
  rtt_median_ns  INTEGER NOT NULL,
  source         INTEGER NOT NULL,
  PRIMARY KEY (mesh_no, position)
) STRICT, WITHOUT ROWID;

-- Verdicts, and where each chip stands.
CREATE TABLE verdicts (
  verdict_no       INTEGER PRIMARY KEY,
  verdict          BLOB NOT NULL UNIQUE CHECK (length(verdict) = 16),
  round_no         INTEGER NOT NULL UNIQUE REFERENCES rounds (round_no),
  round            BLOB NOT NULL,
  chip             BLOB NOT NULL,
  state            INTEGER NOT NULL,  -- v1::VerdictState
  decided_unix_ns  INTEGER NOT NULL,
  expires_unix_ns  INTEGER NOT NULL,
  summary          BLOB NOT NULL,
  bytes            BLOB NOT NULL
) STRICT;
CREATE INDEX verdicts_by_time ON verdicts (decided_unix_ns, verdict);
CREATE INDEX verdicts_by_chip ON verdicts (chip, decided_unix_ns, verdict);
CREATE INDEX verdicts_by_state ON verdicts (state, decided_unix_ns, verdict);
CREATE TABLE standings (
  chip            BLOB PRIMARY KEY CHECK (length(chip) = 16),
  rounds          INTEGER NOT NULL DEFAULT 0,
  latest          INTEGER REFERENCES verdicts (verdict_no),
  latest_state    INTEGER,
  latest_unix_ns  INTEGER,
  boot_count      INTEGER,
  round_counter   INTEGER,
  boot_id         BLOB
) STRICT;
CREATE INDEX standings_by_state ON standings (latest_state, chip) WHERE latest_state IS NOT NULL;
