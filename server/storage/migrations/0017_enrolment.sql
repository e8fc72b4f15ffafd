-- Tokens by which newcomers get their first certificate, or their chip's row, and all that became of each. Of a token its SHA-256 is kept. What one
-- says is never changed; it ends once; no step of its story is taken away.
CREATE TABLE enrolments (
  enrolment_no     INTEGER PRIMARY KEY,
  token_sha256     BLOB NOT NULL UNIQUE CHECK (length(token_sha256) = 32),
  kind             TEXT NOT NULL CHECK (kind <> ''),
  name             TEXT NOT NULL CHECK (name <> ''),
  holder           TEXT NOT NULL,
  maker            TEXT NOT NULL,  -- of an agent's chip, as the next two
  model            TEXT NOT NULL,
  licence          TEXT NOT NULL,
  reason           TEXT NOT NULL,
  made_by          TEXT NOT NULL CHECK (made_by <> ''),
  by_sha256        BLOB CHECK (by_sha256 IS NULL OR length(by_sha256) = 32),  -- of their certificate
  at_unix_ns       INTEGER NOT NULL,
  until_unix_ns    INTEGER NOT NULL,
  state            INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),  -- open, used, revoked, expired
  used_unix_ns     INTEGER,
  used_key_sha256  BLOB CHECK (used_key_sha256 IS NULL OR length(used_key_sha256) = 32),
  used_from        TEXT NOT NULL,
  revoked_unix_ns  INTEGER,
  revoked_by       TEXT NOT NULL,
  refusals         INTEGER NOT NULL,  -- that stand in its story
  CHECK ((state = 1) = (used_unix_ns IS NOT NULL) AND (state = 1) = (used_key_sha256 IS NOT NULL)),
  CHECK ((state = 2) = (revoked_unix_ns IS NOT NULL))
) STRICT;
CREATE INDEX enrolments_open ON enrolments (until_unix_ns) WHERE state = 0;
CREATE TRIGGER enrolments_stay BEFORE DELETE ON enrolments BEGIN
  SELECT RAISE(ABORT, 'enrolments are not taken away');
END;
CREATE TRIGGER enrolments_say_what_they_said
BEFORE UPDATE OF enrolment_no, token_sha256, kind, name, holder, maker, model, licence, reason, made_by, by_sha256, at_unix_ns,
  until_unix_ns
ON enrolments BEGIN
  SELECT RAISE(ABORT, 'an enrolment is not rewritten');
END;
CREATE TRIGGER enrolments_end_once
BEFORE UPDATE OF state, used_unix_ns, used_key_sha256, used_from, revoked_unix_ns, revoked_by
ON enrolments WHEN OLD.state <> 0 BEGIN
  SELECT RAISE(ABORT, 'an enrolment ends once');
END;
CREATE TABLE enrolment_steps (
  step_no       INTEGER PRIMARY KEY,
  enrolment_no  INTEGER NOT NULL REFERENCES enrolments,
  at_unix_ns    INTEGER NOT NULL,
  step          INTEGER NOT NULL CHECK (step BETWEEN 0 AND 5),  -- made, used, repeated, refused, revoked, expired
  who           TEXT NOT NULL,
  note          TEXT NOT NULL
) STRICT;
CREATE INDEX enrolment_steps_of ON enrolment_steps (enrolment_no, step_no);
CREATE TRIGGER enrolment_steps_stay BEFORE DELETE ON enrolment_steps BEGIN
  SELECT RAISE(ABORT, 'the story of enrolments is not shortened');
END;
CREATE TRIGGER enrolment_steps_are_not_rewritten BEFORE UPDATE ON enrolment_steps BEGIN
  SELECT RAISE(ABORT, 'the story of enrolments is not rewritten');
END;
