-- What each maker has revoked: its newest lists, replaced together.
CREATE TABLE revocation_lists (
  maker     TEXT NOT NULL REFERENCES makers (name),
  position  INTEGER NOT NULL,
  der       BLOB NOT NULL,
  PRIMARY KEY (maker, position)
) STRICT;

-- Whether the maker vouched for the device certificate when the round began: 'good', or the name of the fault with
-- its sentence. '' in rounds that are older than this column, when nobody asked.
ALTER TABLE rounds ADD COLUMN certificate_standing TEXT NOT NULL DEFAULT '';
ALTER TABLE rounds ADD COLUMN certificate_problem TEXT NOT NULL DEFAULT '';
