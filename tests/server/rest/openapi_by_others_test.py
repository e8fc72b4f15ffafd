#!/usr/bin/env python3
"""/openapi.json is an OpenAPI 3.1 document, and each schema in it one of JSON Schema 2020-12, by validators that others wrote.
`openapi_by_others_test.py OPENAPI_SAMPLE`"""

import json
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: no python3-jsonschema here; deploy/setup.sh installs it")
    sys.exit(77)

done = subprocess.run([sys.argv[1]], capture_output=True, text=True, check=True)
document = json.loads(done.stdout)
schemas = document["components"]["schemas"]
for name, schema in schemas.items():
    jsonschema.Draft202012Validator.check_schema(schema)
print(f"{len(schemas)} schemas are of JSON Schema 2020-12")
bodies = 0
for path, verbs in document["paths"].items():
    for verb, operation in verbs.items():
        for content in operation.get("requestBody", {}).get("content", {}).values():
            jsonschema.Draft202012Validator.check_schema(content["schema"])
            jsonschema.validate(content["example"], content["schema"])
            bodies += 1
print(f"{bodies} examples of bodies fit theirs")
assert len(schemas) > 50 and bodies > 15

try:
    import openapi_spec_validator
except ImportError:
    print("no openapi_spec_validator here, so the document as a whole was not looked at")
    sys.exit(0)
openapi_spec_validator.validate(document)
print("the document is of OpenAPI 3.1")
