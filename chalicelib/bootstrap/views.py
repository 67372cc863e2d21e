"""What reads."""

from dataclasses import dataclass
from functools import cached_property

from chalicelib.bootstrap.foundation import Foundation
from chalicelib.services.agents import Agents
from chalicelib.services.conversations import ConversationPorts, ConversationReading
from chalicelib.services.lineage.ancestry import Ancestry
from chalicelib.services.lineage.dependents import Dependents
from chalicelib.services.lineage.flags import Flags
from chalicelib.services.lineage.graph import Graph
from chalicelib.services.lineage.step_picture import StepPicture
from chalicelib.services.people import Sessions
from chalicelib.services.reading import Reading
from chalicelib.services.showing import Showing
from chalicelib.services.step_reading import StepReading
from chalicelib.services.traces import TraceReading


@dataclass(frozen=True)
class Views(Foundation):
    """What reads; each is made when it is first asked for."""

    @cached_property
    def flags(self) -> Flags:
        """Read flags."""
        ports = self.ports
        return Flags(ports.lineage, ports.store, ports.index, ports.at_once)

    @cached_property
    def reading(self) -> Reading:
        """Read generations."""
        return Reading(self.ports.store, self.ports.index, self.flags, self.ports.courses)

    @cached_property
    def sessions(self) -> Sessions:
        """Read sessions."""
        return Sessions(self.ports.people, self.ports.index, self.reading)

    @cached_property
    def traces(self) -> TraceReading:
        """Read traces."""
        return TraceReading(self.ports.traces, self.ports.index, self.reading)

    @cached_property
    def conversations(self) -> ConversationReading:
        """Read conversations."""
        return ConversationReading(self.narrowed(ConversationPorts), self.reading)

    @cached_property
    def step_reading(self) -> StepReading:
        """Read workflow steps."""
        return StepReading(self.ports.steps)

    @cached_property
    def dependents(self) -> Dependents:
        """List what a generation reaches."""
        ports = self.ports
        showing = Showing(ports.store, self.flags, ports.courses)
        return Dependents(ports.store, ports.index, ports.lineage, ports.at_once, showing)

    @cached_property
    def graph(self) -> Graph:
        """Draw lineage."""
        ports = self.ports
        return Graph(Ancestry(ports.store, ports.index), ports.lineage, self.flags, ports.at_once)

    @cached_property
    def picture(self) -> StepPicture:
        """Draw lineage with the steps in it."""
        return StepPicture(self.graph, self.ports.steps, self.ports.at_once)

    @cached_property
    def agents(self) -> Agents:
        """Read the agent catalog."""
        return Agents(self.ports.catalog, self.ports.store)
