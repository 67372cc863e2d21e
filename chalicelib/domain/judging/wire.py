"""Reading what a client has sent about evaluators: faults name the field and the rule in the client's words."""

from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from chalicelib.domain.errors import Malformed
from chalicelib.domain.free_form import Json
from chalicelib.domain.identifiers import check_identifier

Identifier = Annotated[str, AfterValidator(check_identifier)]

_OBJECTS = frozenset({"model_type", "model_attributes_type", "dict_type"})


class Wire(BaseModel):
    """Admits no unknown field, and bends nothing into another type."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, defer_build=True)


Read = TypeVar("Read", bound=Wire)


def read(model: type[Read], body: Json, path: tuple[str, ...] = ()) -> Read:
    """What a client's JSON says, which stands under `path`. Raises Malformed, whose `meta.field` names the field."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(map(str, (*path, *fault["loc"])))[:80]
        reason = fault.get("ctx", {}).get("error", fault["msg"])
        said = "must be an object" if fault["type"] in _OBJECTS else reason
        raise Malformed(f"{where or 'the body'}: {said}", meta={"field": where}) from None
