-- What is committed, in that order, for whoever watches: a row for each verdict, change of a status and line of a case, made
-- with it by the database itself, so that none is without its event. The numbers have no gap; the oldest go (PruneOrder),
-- and the newest stays, so that no number comes twice. What was there before has none.
CREATE TABLE events (
  event_no  INTEGER PRIMARY KEY,
  kind      INTEGER NOT NULL,  -- 0: verdicts.verdict_no, 1: status_changes.change_no, 2: case_entries.case_no and number
  row_no    INTEGER NOT NULL,
  number    INTEGER NOT NULL   -- 0 but for lines of cases
) STRICT;
CREATE TRIGGER verdict_is_event AFTER INSERT ON verdicts BEGIN
  INSERT INTO events (kind, row_no, number) VALUES (0, NEW.verdict_no, 0);
END;
CREATE TRIGGER status_change_is_event AFTER INSERT ON status_changes BEGIN
  INSERT INTO events (kind, row_no, number) VALUES (1, NEW.change_no, 0);
END;
CREATE TRIGGER case_entry_is_event AFTER INSERT ON case_entries BEGIN
  INSERT INTO events (kind, row_no, number) VALUES (2, NEW.case_no, NEW.number);
END;
