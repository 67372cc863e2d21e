"""Who takes part in what is sent: agents, their named versions, people and sessions, made when they are first named."""

from chalicelib.domain.errors import missing
from chalicelib.domain.generation import Generation
from chalicelib.domain.times import format_time
from chalicelib.services.known import Known
from chalicelib.services.ports import (
    AgentRecord,
    Catalog,
    Clock,
    NamedVersion,
    NewAgent,
    NewNamedVersion,
    People,
    Person,
    Session,
)


class Roster:
    """Create-or-return: whoever comes second gets what stands, unchanged."""

    def __init__(self, catalog: Catalog, people: People, clock: Clock) -> None:
        self._catalog = catalog
        self._people = people
        self._clock = clock
        self._known = Known()

    def meet(self, tenant: str, generation: Generation) -> None:
        """Create all that a generation names and that does not exist; one whose names are known costs nothing."""
        agent, version = generation.agent_name, generation.agent_version
        if agent and ("agent", tenant, agent) not in self._known:
            self.agent(tenant, agent)
        if agent and version and ("version", tenant, agent, version) not in self._known:
            self._version(tenant, agent, version)
        person, session = generation.person_id, generation.session_id
        if person:  # who may be deleted meanwhile, so that it is looked up each time
            self.person(tenant, person)
        if session and ("session", tenant, session) not in self._known:
            self._people.open_session(tenant, Session(session, self._now()))
            self._known.add(("session", tenant, session))

    def agent(self, tenant: str, name: str, description: str | None = None) -> AgentRecord:
        """An agent by name."""
        [record] = self._catalog.enroll(tenant, [NewAgent(name, self._now(), description)])
        self._known.add(("agent", tenant, name))
        return record

    def version(self, tenant: str, agent_name: str, name: str, description: str | None = None) -> NamedVersion:
        """A named version of an agent. Raises NotFound where there is no such agent."""
        if ("agent", tenant, agent_name) not in self._known:
            self._require_agent(tenant, agent_name)
        return self._version(tenant, agent_name, name, description)

    def existing_version(self, tenant: str, agent_name: str, name: str) -> NamedVersion:
        """A named version that is there. Raises NotFound, which tells whether it is the agent that is missing."""
        version = self._catalog.named_version(tenant, agent_name, name)
        if version is None:
            self._require_agent(tenant, agent_name)
            raise missing("agent version")
        return version

    def person(self, tenant: str, person_id: str, properties: dict[str, object] | None = None) -> Person:
        """A person by id. Mostly there is one already, so that looking comes first: it costs less than a vain write."""
        now = self._now()
        new = Person(person_id, properties, now, now)
        person = self._people.get(tenant, person_id)
        if person is None:
            person = new if self._people.add(tenant, new) else self._people.get(tenant, person_id)
        return person or new

    def _version(self, tenant: str, agent_name: str, name: str, description: str | None = None) -> NamedVersion:
        version = self._catalog.name_version(tenant, agent_name, NewNamedVersion(name, self._now(), description))
        self._known.add(("version", tenant, agent_name, name))
        return version

    def _require_agent(self, tenant: str, agent_name: str) -> None:
        if self._catalog.agent(tenant, agent_name) is None:
            raise missing("agent")
        self._known.add(("agent", tenant, agent_name))

    def _now(self) -> str:
        return format_time(self._clock.now())
