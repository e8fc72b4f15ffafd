-- Groups of countries, and areas, under a name that licences and the prohibited list may give.
CREATE TABLE territories (
  name       TEXT PRIMARY KEY,
  countries  TEXT NOT NULL,  -- of a group: "DE FR"; '' for an area
  geojson    TEXT NOT NULL   -- of an area, as imported; '' for a group
) STRICT, WITHOUT ROWID;
-- `countries` of a licence and `country` of a prohibited territory hold such names as well, behind the codes.

-- Where a round last proved a chip to be, and when at the earliest and latest: for the way to where the next one does.
ALTER TABLE standings ADD COLUMN seen_lat_deg REAL;
ALTER TABLE standings ADD COLUMN seen_lon_deg REAL;
ALTER TABLE standings ADD COLUMN seen_radius_km REAL;
ALTER TABLE standings ADD COLUMN seen_from_unix_ns INTEGER;
ALTER TABLE standings ADD COLUMN seen_to_unix_ns INTEGER;
ALTER TABLE standings ADD COLUMN seen_round BLOB;
