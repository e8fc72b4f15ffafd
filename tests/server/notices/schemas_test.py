#!/usr/bin/env python3
"""Every event that chiploc writes is what server/notices/schemas says, by a validator that others wrote; the schemas refuse
what is not; and README.md shows real events. `schemas_test.py NOTICE_SAMPLES`"""

import copy
import json
import os
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: no python3-jsonschema here; deploy/setup.sh installs it")
    sys.exit(77)

TREE = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", ".."))
FOLDER = os.path.join(TREE, "server", "notices")


def load(name):
    with open(os.path.join(FOLDER, "schemas", name), encoding="utf-8") as file:
        return json.load(file)


def samples(which):
    done = subprocess.run([sys.argv[1], which], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def validator(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


SCHEMAS = {schema["$id"]: (schema, validator(schema)) for schema in map(load, sorted(os.listdir(os.path.join(FOLDER, "schemas"))))}
ENVELOPE = SCHEMAS["urn:chiploc:schema:event:v1"][1]


def accepts(event):
    known = SCHEMAS.get(event.get("dataschema"))
    return ENVELOPE.is_valid(event) and known is not None and known[1].is_valid(event["data"])


def changed(event):
    """The event with one thing wrong, each in turn, and what it was."""
    for path in ([], ["data"]):
        for key in event["data"] if path else event:
            at = lambda e: e["data"] if path else e  # noqa: E731
            required = SCHEMAS[event["dataschema"] if path else "urn:chiploc:schema:event:v1"][0]["required"]
            if key in required:
                other = copy.deepcopy(event)
                del at(other)[key]
                yield f"without {key}", other
            other = copy.deepcopy(event)
            at(other)[key] = None
            yield f"{key} is null", other
            if isinstance(at(event)[key], str):
                for wrong in ("", "x" * 1000, 7):
                    other = copy.deepcopy(event)
                    at(other)[key] = wrong
                    yield f"{key} is {str(wrong)[:9]}", other
        other = copy.deepcopy(event)
        (other["data"] if path else other)["latitude"] = 35.5
        yield "with one more", other


def main():
    each = [json.loads(line) for line in samples("each")]
    words = samples("words")
    types = {event["type"] for event in each}
    envelope = SCHEMAS["urn:chiploc:schema:event:v1"][0]["properties"]
    assert types == set(envelope["type"]["enum"]), "the envelope's types are those that are written"
    assert {event["dataschema"] for event in each} == set(envelope["dataschema"]["enum"]) == set(SCHEMAS) - {"urn:chiploc:schema:event:v1"}
    used = {}
    for line in words:
        event = json.loads(line)
        ENVELOPE.validate(event)
        SCHEMAS[event["dataschema"]][1].validate(event["data"])
        assert json.dumps(event, separators=(",", ":"), sort_keys=True) == line, "compact, sorted, ASCII"
        for key, value in event["data"].items():
            used.setdefault((event["dataschema"], key), set()).add(value if isinstance(value, str) else "")
    for (schema, key), values in used.items():
        choices = SCHEMAS[schema][0]["properties"][key].get("enum")
        if choices and (key != "about" and key != "severity" or schema.endswith("case.opened:v1")):
            assert values == set(choices), f"{schema} {key}: {values} are written, {choices} are allowed"
    refused = 0
    for event in each:
        for what, other in changed(event):
            assert not accepts(other), f"{event['type']}: accepted {what}"
            refused += 1
    readme = os.path.join(FOLDER, "README.md")
    shown = 0
    if os.path.exists(readme):
        with open(readme, encoding="utf-8") as file:
            for line in file:
                if line.startswith('{"data"'):
                    assert line.strip() in samples("each"), f"README.md shows what is not written: {line[:80]}"
                    shown += 1
        assert shown == len(each), f"README.md shows {shown} of {len(each)} kinds"
    print(f"{len(words)} events accepted, {refused} refused, {shown} shown")
    return 0


if __name__ == "__main__":
    sys.exit(main())
