"""The Go types of a CustomResourceDefinition down to the last member, to find misfits by."""

from __future__ import annotations

from typing import Final

from gitopsd.sandbox.kubernetes.schema import (
    BOOLEAN,
    BYTES,
    INT32,
    INT64,
    NUMBER,
    STRING,
    Field,
    Type,
    atomic_list,
    mapping,
    named,
    struct,
)

#: The members of a schema, filled in below: a schema holds schemas.
_MEMBERS: Final[dict[str, Field]] = {}
JSON_SCHEMA: Final = Type("object", "JSONSchemaProps", fields=_MEMBERS)
_OR_BOOL: Final = Type("schema-or-boolean", "JSONSchemaPropsOrBool", element=JSON_SCHEMA)
_OR_LIST: Final = Type("schema-or-list", "JSONSchemaPropsOrArray", element=JSON_SCHEMA)
_OR_NAMES: Final = Type("schema-or-list", "JSONSchemaPropsOrStringArray", element=JSON_SCHEMA)
_SCHEMAS: Final = mapping(JSON_SCHEMA)
_LISTED: Final = atomic_list(JSON_SCHEMA)
_JSON: Final = Type("any", "v1.JSON")
_RULE: Final = struct(
    "ValidationRule",
    {
        "rule": STRING,
        "message": STRING,
        "messageExpression": STRING,
        "reason?": named("FieldValueErrorReason"),
        "fieldPath": STRING,
        "optionalOldSelf?": BOOLEAN,
    },
)
_BY_TYPE: Final[tuple[tuple[Type, str], ...]] = (
    (STRING, "id $schema $ref description type format title pattern x-kubernetes-list-type "
             "x-kubernetes-map-type"),
    (BOOLEAN, "exclusiveMaximum exclusiveMinimum uniqueItems nullable "
              "x-kubernetes-preserve-unknown-fields x-kubernetes-embedded-resource "
              "x-kubernetes-int-or-string"),
    (NUMBER, "maximum minimum multipleOf"),
    (INT64, "maxLength minLength maxItems minItems maxProperties minProperties"),
    (atomic_list(_JSON), "enum"),
    (atomic_list(STRING), "required x-kubernetes-list-map-keys"),
    (_LISTED, "allOf oneOf anyOf"),
    (JSON_SCHEMA, "not"),
    (_SCHEMAS, "properties patternProperties definitions"),
    (_OR_BOOL, "additionalProperties additionalItems"),
    (_OR_LIST, "items"),
    (mapping(_OR_NAMES), "dependencies"),
    (_JSON, "default example"),
    (struct("ExternalDocumentation", {"description": STRING, "url": STRING}), "externalDocs"),
    (Type("list", "ValidationRules", element=_RULE), "x-kubernetes-validations"),
)  # fmt: skip
_MEMBERS.update({name: Field(type_, "null") for type_, names in _BY_TYPE for name in names.split()})
SUBRESOURCES: Final = struct(
    "CustomResourceSubresources",
    {
        "status?": struct("CustomResourceSubresourceStatus", {}),
        "scale?": struct(
            "CustomResourceSubresourceScale",
            {
                "specReplicasPath!": STRING,
                "statusReplicasPath!": STRING,
                "labelSelectorPath?": STRING,
            },
        ),
    },
)
WEBHOOK: Final = struct(
    "WebhookConversion",
    {
        "clientConfig?": struct(
            "WebhookClientConfig",
            {
                "url?": STRING,
                "service?": struct(
                    "ServiceReference",
                    {"namespace": STRING, "name": STRING, "path?": STRING, "port?": INT32},
                ),
                "caBundle": BYTES,
            },
        ),
        "conversionReviewVersions": atomic_list(STRING),
    },
)
