-- Who asked for a round, imported or removed: beside the name, SHA-256 of the certificate. NULL: of before 2026-12-01,
-- or nobody's (the scheduler's rounds).
ALTER TABLE rounds ADD COLUMN requested_by_sha256 BLOB;
ALTER TABLE imports ADD COLUMN imported_by_sha256 BLOB;
-- Records that a version no longer has; import_files names them, with the digest of no content.
ALTER TABLE imports ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;

-- For lists of chips by the age of their latest verdict.
ALTER TABLE standings ADD COLUMN latest_expires_unix_ns INTEGER;
UPDATE standings SET
  latest_expires_unix_ns = (SELECT expires_unix_ns FROM verdicts v WHERE v.verdict_no = standings.latest)
  WHERE latest IS NOT NULL;

-- For lists of verdicts since a time: where in the order of rounds they begin.
CREATE INDEX verdicts_by_decided ON verdicts (decided_unix_ns, round_no);
