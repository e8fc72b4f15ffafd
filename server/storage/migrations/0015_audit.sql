-- Who looked at what is sealed, when and why. No entry is ever changed or taken away: the numbers have no gap.
CREATE TABLE audit (
  entry_no    INTEGER PRIMARY KEY,
  at_unix_ns  INTEGER NOT NULL,
  name        TEXT NOT NULL CHECK (name <> ''),
  by_sha256   BLOB CHECK (by_sha256 IS NULL OR length(by_sha256) = 32),  -- of their certificate
  role        TEXT NOT NULL CHECK (role <> ''),
  issuer      TEXT NOT NULL,  -- of their token; '' without
  account     TEXT NOT NULL,
  method      TEXT NOT NULL CHECK (method <> ''),
  subject     TEXT NOT NULL,
  reason      TEXT NOT NULL,
  records     INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_by_name ON audit (name, entry_no);
CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN
  SELECT RAISE(ABORT, 'the audit log is not shortened');
END;
CREATE TRIGGER audit_is_not_rewritten BEFORE UPDATE ON audit BEGIN
  SELECT RAISE(ABORT, 'the audit log is not rewritten');
END;
