"""Entity types inside structured outputs: what the annotations of an output model say about a concrete payload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from toolservers.annotations import Entity, annotation


@cache
def field_entities(model: type[BaseModel]) -> tuple[tuple[str, str | None, type[BaseModel] | None], ...]:
    """(field, entity type, model of its records) of every field of an output model."""
    found = []
    for name, field in model.model_fields.items():
        outer = annotation(field, Entity)
        inner, record = _inside(field.annotation)
        found.append((name, outer.type if outer else inner, record))
    return tuple(found)


def entity_values(model: type[BaseModel], payload: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """(entity type, value) of everything in a payload that its model annotates."""
    for name, entity, record in field_entities(model):
        value = payload.get(name)
        for item in value if isinstance(value, list) else [value]:
            if record is not None and isinstance(item, Mapping):
                yield from entity_values(record, item)
            elif entity is not None and item is not None:
                yield entity, item


def _inside(hint: Any) -> tuple[str | None, type[BaseModel] | None]:
    """Entity type and record model somewhere inside a type hint such as `list[Annotated[str, Entity(..)]] | None`."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return None, hint
    if get_origin(hint) is Annotated:
        entity = next((item.type for item in get_args(hint)[1:] if isinstance(item, Entity)), None)
        return (entity, None) if entity else _inside(get_args(hint)[0])
    for part in get_args(hint):
        entity, record = _inside(part)
        if entity or record:
            return entity, record
    return None, None
