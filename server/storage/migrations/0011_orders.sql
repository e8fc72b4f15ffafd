-- Models, entities, sites, orders, deliveries and the conditions of licences; and what every import changed.
CREATE TABLE models (
  name   TEXT PRIMARY KEY,
  maker  TEXT NOT NULL REFERENCES makers (name),
  eccn   TEXT NOT NULL,
  note   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE entities (
  name          TEXT PRIMARY KEY,
  roles         TEXT NOT NULL,  -- "buyer end_user"
  country       TEXT NOT NULL,  -- ''; not stated, as every '' below
  watch_reason  TEXT NOT NULL,
  watch_since   TEXT NOT NULL   -- '': not on the watch list
) STRICT, WITHOUT ROWID;
CREATE TABLE sites (
  name           TEXT PRIMARY KEY,
  operator_name  TEXT NOT NULL,
  place          TEXT NOT NULL,  -- a country's code, or the name of a territory
  address        TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE conditions (
  condition        TEXT PRIMARY KEY,
  licence          TEXT NOT NULL REFERENCES licences (licence),
  kind             TEXT NOT NULL,
  due              TEXT NOT NULL,
  share_percent    REAL NOT NULL,
  evidence         TEXT NOT NULL,
  evidence_sha256  BLOB,
  met              TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE orders (
  order_id       TEXT PRIMARY KEY,
  licence        TEXT NOT NULL REFERENCES licences (licence),
  exporter       TEXT NOT NULL REFERENCES entities (name),
  buyer          TEXT NOT NULL REFERENCES entities (name),
  end_user       TEXT NOT NULL REFERENCES entities (name),
  operator_name  TEXT NOT NULL,
  quantity       INTEGER NOT NULL,
  placed         TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE deliveries (
  delivery         TEXT PRIMARY KEY,
  order_id         TEXT NOT NULL REFERENCES orders (order_id),
  site             TEXT NOT NULL REFERENCES sites (name),
  date             TEXT NOT NULL,
  quantity         INTEGER NOT NULL,
  override_reason  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
ALTER TABLE licences ADD COLUMN end_user TEXT NOT NULL DEFAULT '';
ALTER TABLE licences ADD COLUMN quantity INTEGER NOT NULL DEFAULT 0;  -- of chips; 0: not stated
ALTER TABLE chips ADD COLUMN delivery TEXT NOT NULL DEFAULT '';

-- Why somebody imported or removed, in their words; '': they did not say.
ALTER TABLE imports ADD COLUMN reason TEXT NOT NULL DEFAULT '';
-- What each import and removal since this schema did to every record. One row for a record that came or went (field '',
-- the record as JSON), one for each field that changed.
CREATE TABLE registry_changes (
  version     INTEGER NOT NULL REFERENCES imports (version),
  position    INTEGER NOT NULL,
  kind        INTEGER NOT NULL,
  record_key  TEXT NOT NULL,
  field       TEXT NOT NULL,
  old_value   TEXT,  -- NULL: it was not there
  new_value   TEXT,  -- NULL: it is no longer there
  PRIMARY KEY (version, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX registry_changes_by_record ON registry_changes (kind, record_key);
CREATE INDEX registry_changes_by_kind ON registry_changes (kind);
