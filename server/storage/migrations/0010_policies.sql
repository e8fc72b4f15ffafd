-- Policies that were put in force: the newest is. Without any the [policy] of chiplocd.toml is.
CREATE TABLE policies (
  number         INTEGER PRIMARY KEY,
  at_unix_ns     INTEGER NOT NULL,
  activated_by   TEXT NOT NULL,
  by_sha256      BLOB,  -- of their certificate
  reason         TEXT NOT NULL,
  policy_sha256  BLOB NOT NULL CHECK (length(policy_sha256) = 32),
  toml           TEXT NOT NULL  -- to the byte, comments included
) STRICT;
