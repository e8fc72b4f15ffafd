-- Chips that are due at one instant are told on in the order of their ids.
DROP INDEX chip_status_by_due;
CREATE INDEX chip_status_by_due ON chip_status (due_unix_ns, chip) WHERE due_unix_ns IS NOT NULL;

-- What orders are held for (server/orders) and what persons work on (server/cases). Chips that were there before are
-- counted, and cases of what stands against them opened, by the next chiplocd that starts; nobody is told of those.
CREATE TABLE order_stories (
  order_id       TEXT PRIMARY KEY,
  state          INTEGER NOT NULL,  -- the number of OrderState
  since_unix_ns  INTEGER NOT NULL,
  due_unix_ns    INTEGER,           -- when time alone changes it next; NULL: it needs an event
  story          BLOB NOT NULL      -- v1::OrderStory
) STRICT;
CREATE INDEX order_stories_by_state ON order_stories (state, order_id);
CREATE INDEX order_stories_by_due ON order_stories (due_unix_ns) WHERE due_unix_ns IS NOT NULL;

CREATE TABLE order_changes (
  order_id    TEXT NOT NULL,
  number      INTEGER NOT NULL,  -- among those of the order, from 1
  at_unix_ns  INTEGER NOT NULL,
  kind        INTEGER NOT NULL,  -- the number of OrderChangeKind
  from_state  INTEGER NOT NULL,
  to_state    INTEGER NOT NULL,
  rests_on    BLOB NOT NULL CHECK (length(rests_on) % 16 = 0),  -- chips
  more        INTEGER NOT NULL,
  who         TEXT NOT NULL,     -- '': it follows from the chips
  why         TEXT NOT NULL,
  PRIMARY KEY (order_id, number)
) STRICT, WITHOUT ROWID;

-- Where each chip belongs to, and as what it is counted there.
CREATE TABLE followed_chips (
  chip      BLOB PRIMARY KEY CHECK (length(chip) = 16),
  order_id  TEXT NOT NULL,  -- '': none, or not stated, as every '' below
  licence   TEXT NOT NULL,
  site      TEXT NOT NULL,
  state     INTEGER NOT NULL,  -- the number of ChipState
  measured  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX followed_chips_by_order ON followed_chips (order_id, chip) WHERE order_id <> '';

CREATE TABLE cases (
  case_no         INTEGER PRIMARY KEY AUTOINCREMENT,
  kind            INTEGER NOT NULL,  -- the number of CaseKind
  order_id        TEXT NOT NULL,
  key_licence     TEXT NOT NULL,     -- only without an order
  site            TEXT NOT NULL,
  of_key          INTEGER NOT NULL,  -- among those of the key, from 1
  licence         TEXT NOT NULL,     -- of its first chip
  state           INTEGER NOT NULL,  -- the number of CaseState
  since_unix_ns   INTEGER NOT NULL,
  opened_unix_ns  INTEGER NOT NULL,
  due_unix_ns     INTEGER,
  assignee        TEXT NOT NULL,
  urgency         INTEGER NOT NULL,  -- points without those for its age; 0: resolved
  outcome         INTEGER NOT NULL,  -- the number of CaseEnd and 1; 0: not resolved
  story           BLOB NOT NULL,     -- v1::CaseStory
  UNIQUE (kind, order_id, key_licence, site, of_key)
) STRICT;
-- Lists sort and filter by these alone, and read the stories of one page.
CREATE INDEX cases_by_state ON cases (state, kind, urgency, opened_unix_ns, order_id, licence, site, assignee);
CREATE INDEX cases_by_order ON cases (order_id, state, kind, urgency, opened_unix_ns, licence, site, assignee);
CREATE INDEX cases_by_site ON cases (site, state, kind, urgency, opened_unix_ns, order_id, licence, assignee);
CREATE INDEX cases_by_licence ON cases (licence, state, kind, urgency, opened_unix_ns, order_id, site, assignee);
CREATE INDEX cases_by_assignee ON cases (assignee, state, kind, urgency, opened_unix_ns, order_id, licence, site);
CREATE INDEX cases_by_due ON cases (due_unix_ns) WHERE due_unix_ns IS NOT NULL;
CREATE INDEX cases_by_outcome ON cases (order_id, outcome) WHERE outcome > 0;

CREATE TABLE case_entries (
  case_no     INTEGER NOT NULL REFERENCES cases (case_no),
  number      INTEGER NOT NULL,  -- of the case's entries, from 1
  at_unix_ns  INTEGER NOT NULL,
  kind        INTEGER NOT NULL,  -- the number of CaseEntryKind
  state       INTEGER NOT NULL,
  who         TEXT NOT NULL,     -- '': by rule
  text        TEXT NOT NULL,
  chip        BLOB CHECK (chip IS NULL OR length(chip) = 16),
  verdicts    BLOB NOT NULL CHECK (length(verdicts) % 16 = 0),
  file        BLOB CHECK (file IS NULL OR length(file) = 32),
  loud        INTEGER NOT NULL,
  PRIMARY KEY (case_no, number)
) STRICT, WITHOUT ROWID;

-- In which case of each kind a chip stands, resolved or not.
CREATE TABLE case_chips (
  chip     BLOB NOT NULL CHECK (length(chip) = 16),
  kind     INTEGER NOT NULL,
  case_no  INTEGER NOT NULL REFERENCES cases (case_no),
  PRIMARY KEY (chip, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_chips_by_case ON case_chips (case_no, chip);

-- Reasons of rounds that are signs of attempts: the newest of each kind.
CREATE TABLE attempt_signs (
  sign_no     INTEGER PRIMARY KEY,
  chip        BLOB NOT NULL CHECK (length(chip) = 16),
  kind        INTEGER NOT NULL,
  verdict     BLOB NOT NULL CHECK (length(verdict) = 16),
  at_unix_ns  INTEGER NOT NULL,
  reason      TEXT NOT NULL
) STRICT;
CREATE INDEX attempt_signs_by_chip ON attempt_signs (chip, kind, sign_no);
