-- What chips are held for (server/status): the story of each as of when it was last told, and every change of its state.
-- Stories of chips that were registered or judged before are told from their verdicts by the next chiplocd that starts.
CREATE TABLE chip_status (
  chip           BLOB PRIMARY KEY CHECK (length(chip) = 16),
  state          INTEGER NOT NULL,  -- the number of ChipState
  since_unix_ns  INTEGER NOT NULL,  -- when it was entered
  due_unix_ns    INTEGER,           -- when time alone changes it next; NULL: it needs an event
  story          BLOB NOT NULL      -- v1::ChipStory
) STRICT;
-- Lists and counts need no story of the chips that they pass over.
CREATE INDEX chip_status_by_state ON chip_status (state, chip, since_unix_ns, due_unix_ns);
CREATE INDEX chip_status_by_due ON chip_status (due_unix_ns) WHERE due_unix_ns IS NOT NULL;

CREATE TABLE status_changes (
  change_no   INTEGER PRIMARY KEY,  -- grows in the order in which they were told, which is not quite that of `at`
  chip        BLOB NOT NULL CHECK (length(chip) = 16),
  at_unix_ns  INTEGER NOT NULL,
  from_state  INTEGER NOT NULL,
  to_state    INTEGER NOT NULL,
  rests_on    BLOB NOT NULL CHECK (length(rests_on) % 16 = 0),  -- the verdicts that the new state follows from
  why         TEXT NOT NULL
) STRICT;
CREATE INDEX status_changes_by_chip ON status_changes (chip, change_no);
CREATE INDEX status_changes_by_time ON status_changes (at_unix_ns, change_no);
CREATE INDEX status_changes_by_state ON status_changes (to_state, change_no);

-- The journal of absences: a story knows from when to when, this who said so and why.
CREATE TABLE absences (
  absence_no          INTEGER PRIMARY KEY,
  chip                BLOB NOT NULL CHECK (length(chip) = 16),
  from_unix_ns        INTEGER NOT NULL,
  until_unix_ns       INTEGER NOT NULL,  -- as declared
  kind                INTEGER NOT NULL,  -- the number of v1::AbsenceKind
  reason              TEXT NOT NULL,
  declared_by         TEXT NOT NULL,
  declared_by_sha256  BLOB,              -- of the certificate; NULL: unknown
  declared_unix_ns    INTEGER NOT NULL,
  ended_unix_ns       INTEGER,           -- NULL: nobody ended it before its time
  ended_by            TEXT
) STRICT;
CREATE INDEX absences_by_chip ON absences (chip, absence_no);

-- The rules that stories were last told by: under others every chip is told on at once.
CREATE TABLE status_rules (
  one    INTEGER PRIMARY KEY CHECK (one = 1),
  rules  TEXT NOT NULL
) STRICT;
