"""The JSON Schema of model files, by which editors complete and check them.

`python -m model.editor_schema > docs/model.schema.json` renews the published one.
"""

import json
import sys

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from model.file import ModelShape

TITLE = "A model of Servery"


class _Generator(GenerateJsonSchema):
    """As pydantic makes it, but stricter: no nulls, and no names that are none."""

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        return made | {"additionalProperties": False} if "patternProperties" in made else made

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default") is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)


def editor_schema() -> str:
    """The schema as the text of a file."""
    made = ModelShape.model_json_schema(schema_generator=_Generator)
    schema = {"$schema": _Generator.schema_dialect, **made, "title": TITLE}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(editor_schema())
