-- A chip's id as its maker issued it, where that is longer than the 16 bytes on the wire; empty where it is the same.
ALTER TABLE chips ADD COLUMN device_id BLOB NOT NULL DEFAULT x'';
-- The device CAs between a chip's certificate and its maker's authorities, nearest first: DER, one behind the other.
ALTER TABLE chips ADD COLUMN issuers BLOB NOT NULL DEFAULT x'';
ALTER TABLE rounds ADD COLUMN device_issuers BLOB NOT NULL DEFAULT x'';

-- Counters belong to the key that signed them: SHA-256 of its SubjectPublicKeyInfo. They replace those of `standings`.
CREATE TABLE counters (
  chip           BLOB NOT NULL CHECK (length(chip) = 16),
  signer         BLOB NOT NULL CHECK (length(signer) = 32),
  boot_count     INTEGER NOT NULL,
  round_counter  INTEGER NOT NULL,
  boot_id        BLOB NOT NULL,
  PRIMARY KEY (chip, signer)
) STRICT, WITHOUT ROWID;
-- Those of before; the certificate of the chip's last round that was neither silent nor invalid says whose they are.
CREATE TABLE counters_without_key (
  chip           BLOB PRIMARY KEY CHECK (length(chip) = 16),
  boot_count     INTEGER NOT NULL,
  round_counter  INTEGER NOT NULL,
  boot_id        BLOB NOT NULL,
  certificate    BLOB
) STRICT, WITHOUT ROWID;
INSERT INTO counters_without_key
  SELECT chip, boot_count, round_counter, coalesce(boot_id, x''),
         (SELECT r.device_certificate FROM verdicts v JOIN rounds r ON r.round_no = v.round_no
          WHERE v.chip = standings.chip AND v.state NOT IN (6, 7) ORDER BY v.round_no DESC LIMIT 1)
  FROM standings WHERE boot_count IS NOT NULL AND round_counter IS NOT NULL;

-- Whenever a chip's counters begin anew: a certificate over another key came, or somebody restarted them, and why.
CREATE TABLE counter_starts (
  start_no       INTEGER PRIMARY KEY,
  chip           BLOB NOT NULL CHECK (length(chip) = 16),
  signer         BLOB NOT NULL CHECK (length(signer) = 32),  -- whose counters begin
  at_unix_ns     INTEGER NOT NULL,
  started_by     TEXT NOT NULL,
  reason         TEXT NOT NULL,     -- '' for a new key
  boot_count     INTEGER,           -- the last ones before; NULL: none
  round_counter  INTEGER,
  boot_id        BLOB
) STRICT;
CREATE INDEX counter_starts_by_chip ON counter_starts (chip, start_no);
