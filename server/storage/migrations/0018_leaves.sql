-- What goes into the evidence log, in that order: a row for each intent, verdict, round given up, import, policy, line of a case and
-- beginning of a chip's counters, made with it by the database itself from the moment on that the log was begun. Row n is
-- entry n - 1 of the log. Nothing here is taken away or rewritten; what a row tells of stays too.
CREATE TABLE leaf_log (
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  seed        BLOB NOT NULL CHECK (length(seed) = 32),  -- from which the salts of all entries follow
  at_unix_ns  INTEGER NOT NULL,
  next_round  INTEGER NOT NULL  -- rounds.round_no from here on are in the log
) STRICT;
CREATE TABLE leaves (
  leaf_no  INTEGER PRIMARY KEY,
  kind     INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 7),
  row_no   INTEGER NOT NULL,  -- 0: leaf_log, 1, 3: rounds, 2: verdicts, 4: imports, 5: policies, 6: cases, 7: counter_starts
  number   INTEGER NOT NULL   -- 0 but for lines of cases
) STRICT;
CREATE TRIGGER log_begins AFTER INSERT ON leaf_log BEGIN
  INSERT INTO leaves (kind, row_no, number) VALUES (0, NEW.one, 0);
END;
CREATE TRIGGER intent_is_leaf AFTER INSERT ON rounds WHEN EXISTS (SELECT 1 FROM leaf_log) BEGIN
  INSERT INTO leaves (kind, row_no, number) VALUES (1, NEW.round_no, 0);
END;
CREATE TRIGGER verdict_is_leaf AFTER INSERT ON verdicts WHEN EXISTS (SELECT 1 FROM leaf_log) BEGIN
  INSERT INTO leaves (kind, row_no, number) VALUES (2, NEW.verdict_no, 0);
END;
CREATE TRIGGER abandoned_is_leaf AFTER UPDATE OF state ON rounds
WHEN NEW.state = 3 AND OLD.state <> 3 AND EXISTS (SELECT 1 FROM leaf_log) BEGIN
  INSERT INTO leaves (kind, row_no, number) VALUES (3, NEW.round_no, 0);
END;
CREATE TRIGGER import_is_leaf AFTER INSERT ON imports WHEN EXISTS (SELECT 1 FROM leaf_log) BEGIN
  INSERT INTO leaves (kind, row_no, number) VALUES (4, NEW.version, 0);
END;
CREATE TRIGGER policy_is_leaf AFTER INSERT ON policies WHEN EXISTS (SELECT 1 FROM leaf_log) BEGIN
  INSERT INTO leaves (kind, row_no, number) VALUES (5, NEW.number, 0);
END;
CREATE TRIGGER case_entry_is_leaf AFTER INSERT ON case_entries WHEN EXISTS (SELECT 1 FROM leaf_log) BEGIN
  INSERT INTO leaves (kind, row_no, number) VALUES (6, NEW.case_no, NEW.number);
END;
CREATE TRIGGER counters_are_leaf AFTER INSERT ON counter_starts WHEN EXISTS (SELECT 1 FROM leaf_log) BEGIN
  INSERT INTO leaves (kind, row_no, number) VALUES (7, NEW.start_no, 0);
END;
-- Where a verdict's or a round's entry is.
CREATE INDEX leaves_of ON leaves (row_no, kind, number);
CREATE TRIGGER leaf_log_stays BEFORE DELETE ON leaf_log BEGIN
  SELECT RAISE(ABORT, 'a log is not ended');
END;
CREATE TRIGGER leaf_log_is_not_rewritten BEFORE UPDATE ON leaf_log BEGIN
  SELECT RAISE(ABORT, 'a log begins once');
END;
CREATE TRIGGER leaves_stay BEFORE DELETE ON leaves BEGIN
  SELECT RAISE(ABORT, 'entries of the log are not taken away');
END;
CREATE TRIGGER leaves_are_not_rewritten BEFORE UPDATE ON leaves BEGIN
  SELECT RAISE(ABORT, 'entries of the log are not rewritten');
END;
