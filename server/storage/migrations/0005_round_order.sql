-- The latest of a chip's verdicts is that of the round begun last: round_no grows with every intent, whatever the clock
-- did in between. A clock that ran ahead must not mask what came later.
DROP INDEX verdicts_by_time;
DROP INDEX verdicts_by_chip;
DROP INDEX verdicts_by_state;
CREATE INDEX verdicts_by_chip ON verdicts (chip, round_no);
CREATE INDEX verdicts_by_state ON verdicts (state, round_no);
UPDATE standings SET latest = (SELECT verdict_no FROM verdicts v WHERE v.chip = standings.chip ORDER BY round_no DESC LIMIT 1)
  WHERE latest IS NOT NULL;
UPDATE standings SET
  latest_state = (SELECT state FROM verdicts v WHERE v.verdict_no = standings.latest),
  latest_unix_ns = (SELECT decided_unix_ns FROM verdicts v WHERE v.verdict_no = standings.latest)
  WHERE latest IS NOT NULL;

-- What the place where a chip was last seen rests on: its key, and each anchor that counted with its place. NULL, as of
-- before 2026-11-30: nobody knows, and nothing is compared with it.
ALTER TABLE standings ADD COLUMN seen_basis BLOB;

-- When a message came, by this coordinator's clock: what its anchor says of the time decides nothing. NULL: of before
-- 2026-11-30.
ALTER TABLE mesh ADD COLUMN received_unix_ns INTEGER;
ALTER TABLE knocks ADD COLUMN received_unix_ns INTEGER;
-- The boot id that the knock proves: two of one chip at once betray a clone.
ALTER TABLE knocks ADD COLUMN boot_id INTEGER;
