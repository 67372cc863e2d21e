"""What each role may do: a set of actions, made from the route table."""

from collections.abc import Iterable, Mapping

from chalicelib.api.auth import Principal
from chalicelib.domain.api_key import ROLES, Role
from chalicelib.domain.errors import Forbidden

Allowed = Mapping[Role, frozenset[str]]


def allowed_actions(least_roles: Iterable[tuple[str, Role]]) -> Allowed:
    """The actions of each role, from the least role that each action needs."""
    ranked = [(action, ROLES.index(least)) for action, least in least_roles]
    return {role: frozenset(action for action, least in ranked if least <= rank) for rank, role in enumerate(ROLES)}


def require(principal: Principal, action: str, allowed: Allowed) -> None:
    """Raise Forbidden, naming the action, when the caller's role lacks it."""
    if action not in allowed[principal.role]:
        raise Forbidden(f"the role {principal.role} lacks the action {action}", meta={"action": action})
