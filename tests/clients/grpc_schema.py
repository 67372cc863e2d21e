"""Run in an SDK's own environment: `python grpc_schema.py PACKAGE SCHEMA` writes the fields of its generated messages.

One JSON object: message → field's number → name and type, as `fields` of the test has them.
"""

import json
import sys
from importlib import import_module

PACKAGE, SCHEMA = sys.argv[1:3]
file = import_module(f"{PACKAGE}.internal.gen.{SCHEMA}.generation_ingest_pb2").DESCRIPTOR
sys.stdout.write(
    json.dumps(
        {
            name: {
                field.number: [field.name, field.type, field.is_repeated, field.has_presence] for field in made.fields
            }
            for name, made in file.message_types_by_name.items()
        }
    )
)
