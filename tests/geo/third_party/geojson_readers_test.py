#!/usr/bin/env python3
"""Regions as GeoJSON, read by programs of others: every place of a region is inside, what is 10 km away is not.

    geojson_readers_test.py REGION_SAMPLES    exit 0 passed, 1 failed, 77 none of the readers is installed

Debian's python3-shapely, python3-gdal, postgresql with postgis. Over the antimeridian, the poles, holes, larger than a
hemisphere.
"""

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SAMPLES = []
POSTGIS_BIN = next((folder for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
                    if list(Path("/usr/share/postgresql").glob(f"{folder.parent.name}/extension/postgis.control"))), None)

try:
    import shapely.geometry
    import shapely.ops
except ImportError:
    shapely = None
try:
    from osgeo import ogr
    ogr.UseExceptions()
except ImportError:
    ogr = None


class Readers(unittest.TestCase):
    def judge(self, sample, inside):
        """`inside` says of a place whether the reader has it in what it read."""
        with self.subTest(sample["name"]):
            self.assertGreater(len(sample["inside"]), 20)
            self.assertEqual([at for at in sample["inside"] if not inside(at)], [])
            self.assertEqual([at for at in sample["outside"] if inside(at)], [])

    @unittest.skipUnless(shapely, "there is no python3-shapely")
    def test_shapely(self):
        for sample in SAMPLES:
            shape = shapely.geometry.shape(sample["geometry"])
            self.judge(sample, lambda at, shape=shape: shape.intersects(shapely.geometry.Point(at)))
            # Columns share edges, which Simple Features forbid to a MultiPolygon: to compute with it, unite its parts.
            self.assertEqual([part for part in shape.geoms if not part.is_valid], [], sample["name"])
            whole = shapely.ops.unary_union(list(shape.geoms))
            self.assertTrue(whole.is_valid, sample["name"])
            self.judge(sample, lambda at, whole=whole: whole.intersects(shapely.geometry.Point(at)))

    @unittest.skipUnless(ogr, "there is no python3-gdal")
    def test_ogr(self):
        for sample in SAMPLES:
            shape = ogr.CreateGeometryFromJson(json.dumps(sample["geometry"]))
            whole = shape.UnionCascaded()
            self.assertTrue(whole.IsValid(), sample["name"])
            for read in (shape, whole):
                def inside(at, read=read):
                    point = ogr.Geometry(ogr.wkbPoint)
                    point.AddPoint_2D(*at)
                    return read.Intersects(point)
                self.judge(sample, inside)

    @unittest.skipUnless(POSTGIS_BIN, "there is no postgresql with postgis")
    def test_postgis(self):
        """As geography: edges are geodesics, and a ring's smaller side is meant."""
        folder = Path(tempfile.mkdtemp(prefix="chiploc-postgis-"))
        self.addCleanup(shutil.rmtree, folder, True)
        who = {}
        if os.getuid() == 0:  # PostgreSQL refuses to run as root
            nobody = pwd.getpwnam("postgres")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

        def run(*words, text=None):
            done = subprocess.run([str(word) for word in words], input=text, capture_output=True, text=True, cwd=folder, **who)
            self.assertEqual(done.returncode, 0, f"{words[0]}: {done.stderr}{done.stdout}")
            return done.stdout

        run(POSTGIS_BIN / "initdb", "-D", folder / "data", "-U", "judge", "-A", "trust", "-E", "UTF8", "--no-sync")
        # No network: a socket in the folder. pg_ctl's child must not hold our pipes.
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        run(POSTGIS_BIN / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", options, "start")
        self.addCleanup(run, POSTGIS_BIN / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")

        def ask(sql):
            return run(POSTGIS_BIN / "psql", "-h", folder, "-U", "judge", "-d", "postgres", "-qAtX", "-v", "ON_ERROR_STOP=1", text=sql)

        ask("create extension postgis")
        for sample in SAMPLES:
            places = [("t", at) for at in sample["inside"]] + [("f", at) for at in sample["outside"]]
            values = ",".join(f"('{want}',{lon!r},{lat!r})" for want, (lon, lat) in places)
            # Parts one by one: a geography with parts on all sides has no smaller side.
            said = ask(f"""
                create temp table part as select (st_dump(st_geomfromgeojson('{json.dumps(sample["geometry"])}'))).geom::geography as g;
                create temp table at (want bool, lon float8, lat float8);
                insert into at values {values};
                select want, lon, lat from at where want <> exists
                  (select 1 from part where st_covers(g, st_point(lon, lat, 4326)::geography)) limit 5;""")
            with self.subTest(sample["name"]):
                self.assertEqual(said.strip(), "")


if __name__ == "__main__":
    if not (shapely or ogr or POSTGIS_BIN):
        print("skipped: none of python3-shapely, python3-gdal and postgis is here")
        sys.exit(77)
    SAMPLES = json.loads(subprocess.run([sys.argv.pop(1)], capture_output=True, check=True).stdout)
    unittest.main()
