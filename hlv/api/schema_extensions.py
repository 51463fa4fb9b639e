"""What the schema says of the tokens and of fields of our own."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "hlv.api.access.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "Made by hlv create-token."}


class SpansField(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "annotations.serializers.Spans"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        place = {"type": "integer", "minimum": 0}
        fields = {"label": {"type": "string"}, "text": place, "start": place, "end": place}
        span = {"type": "object", "properties": fields, "required": list(fields)}
        return {"type": "array", "items": span, "maxItems": 500}
