#!/usr/bin/env python3
"""commit_points.py finds what it is there for: small trees with one thing wrong in each."""
import csv
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import commit_points  # noqa: E402

SOURCE = """namespace chiploc {
Stored<Done> SqliteThings::put(const Thing& thing) {
  return writer_.atomically([&]() -> Stored<Done> {
    db().query("INSERT INTO things (x) VALUES (?)");
  });
}
Stored<Done> SqliteThings::get() { return Done{}; }  // no atomically([ here
void Clock::look() {
  looking_ = store_->post(
      [](Store& store) { store.things(); store.outbox().settle(one); });
}
}
"""
ROWS = [["server/a.cpp", "Clock::look", "post", "outbox.settle", "", "", "read by nobody"],
        ["server/a.cpp", "SqliteThings::put", "unit", "things", "tests/a_kill_test.cpp", "put(", ""]]


class Points(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.write("server/a.cpp", SOURCE)
        self.write("tests/a_kill_test.cpp", '#include "tests/a_steps.hpp"\n')
        self.write("tests/a_steps.hpp", "store.put(1);\n")
        self.rows(ROWS)

    def write(self, path, text):
        full = os.path.join(self.folder.name, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)

    def rows(self, rows):
        self.write(commit_points.LIST, "")
        with open(os.path.join(self.folder.name, commit_points.LIST), "w", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            out.writerow(commit_points.COLUMNS)
            out.writerows(rows)

    def fails(self, *parts):
        faults = commit_points.faults_of(self.folder.name)
        self.assertEqual(len(faults), 1, faults)
        for part in parts:
            self.assertIn(part, faults[0])

    def test_what_is_listed_holds(self):
        self.assertEqual(commit_points.faults_of(self.folder.name), [])

    def test_a_place_in_no_row(self):
        self.rows(ROWS[:1])
        self.fails("server/a.cpp", "SqliteThings::put commits (unit)", "no row")

    def test_a_row_of_a_place_that_is_gone(self):
        self.rows(ROWS + [["server/a.cpp", "SqliteThings::get", "unit", "", "", "", "gone"]])
        self.fails(":4:", "no commit point in SqliteThings::get any more")

    def test_a_row_twice(self):
        self.rows(ROWS + ROWS[:1])
        self.fails(":4:", "twice")

    def test_another_table_is_written(self):
        self.write("server/a.cpp", SOURCE.replace("INTO things", "INTO others"))
        self.fails(":3:", "written is 'things', the code has 'others'")

    def test_neither_a_test_nor_a_reason(self):
        self.rows([ROWS[0][:6] + [""], ROWS[1]])
        self.fails(":2:", "needs a test that kills there, or a note")

    def test_a_test_that_is_gone(self):
        os.remove(os.path.join(self.folder.name, "tests/a_kill_test.cpp"))
        self.fails(":3:", "there is no tests/a_kill_test.cpp")

    def test_a_test_that_comes_there_no_more(self):
        self.write("tests/a_steps.hpp", "store.take(1);\n")
        self.fails(":3:", "says nothing of 'put('")

    def test_a_test_that_kills_nothing(self):
        self.write("tests/a_test.cpp", "store.put(1);\n")
        self.rows([ROWS[0], ROWS[1][:4] + ["tests/a_test.cpp", "put(", ""]])
        self.fails(":3:", "kills nothing")

    def test_this_tree(self):
        self.assertEqual(commit_points.faults_of(commit_points.TREE), [])
        self.assertGreater(len(commit_points.points_of(commit_points.TREE)), 50)


if __name__ == "__main__":
    unittest.main()
