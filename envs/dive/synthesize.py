"""The synthesiser: from a seed to a verified task. Same configuration, same world, same seed: the same task, always."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from envs.dive.collect import Collector, Slot
from envs.dive.derive import Deriver, Question
from envs.dive.errors import SynthesisError
from envs.dive.evidence import CachedHost, Evidence, literals
from envs.dive.operators import ON_ONE, ON_SEVERAL, Family, Value
from envs.dive.pools import Pools, Seeds
from envs.dive.verify import grounded, leaked, minimal, verify
from envs.dive.wiring import Wiring
from envs.tasks.difficulty import FULL, SEVERAL, Difficulty, Draft
from envs.tasks.measures import measures
from envs.tasks.splits import argument_entities, split_of
from envs.tasks.task import Split, Task
from toolservers.catalog import Catalog
from toolservers.host import ToolHost
from toolservers.tool import Tool

ATTEMPTS = 300
PLANS = 50
PATIENCE = 40  # attempts at one kind of proof before another is tried: rare kinds keep their share
CALLS_A_ROUND = 6
STEP = 4  # how much harder, in calls, levels and operators, a round's question should be than the last


@dataclass(frozen=True, slots=True)
class SynthConfig:
    """Which tasks to make. A domain other than "general" is offered together with the general tools."""

    domain: str
    split: Split = Split.TRAIN
    difficulty: Difficulty = FULL
    toolset: tuple[int, int] = (15, 50)
    """Fewest and most tools on offer, the proof's among them."""
    rounds: int = 3

    def __post_init__(self) -> None:
        if not 1 <= self.toolset[0] <= self.toolset[1]:
            raise ValueError(f"toolset must be (fewest, most) with 1 <= fewest <= most, not {self.toolset}")
        if self.rounds < 1:
            raise ValueError(f"rounds must be at least 1, not {self.rounds}")


class Synthesizer:
    """Makes tasks from the tools and the world of a host."""

    def __init__(self, host: ToolHost, config: SynthConfig, seeds: Seeds) -> None:
        offered = offered_tools(host.catalog, config.domain)
        self.host, self.config, self.tools = host, config, offered
        self._collector = Collector(CachedHost(host), Wiring(offered), Pools(seeds, config.split), config.split)
        self._deriver = Deriver(offered, config.difficulty)
        self._drafts = [draft for draft in config.difficulty.drafts() if self._feasible(draft)]
        if not self._drafts and not config.difficulty.free:
            raise ValueError(f"no tools of domain {config.domain!r} fit difficulty {config.difficulty.name!r}")

    async def task(self, seed: int) -> Task:
        """The task of this seed. Raises SynthesisError if none comes of it."""
        for attempt in range(ATTEMPTS):
            draft = self._choose(Random(f"{seed}/draft/{attempt // PATIENCE}"))
            task = await self._attempt(seed, draft, Random(f"{seed}/{attempt}"))
            if task is not None and not await verify(task, self.host):
                return task
        raise SynthesisError(f"no {self.config.difficulty.name!r} task for {self.config.domain} ({self.config.split}) "
                             f"came of seed {seed} in {ATTEMPTS} attempts; widen the difficulty")

    async def rounds(self, seed: int) -> list[Question]:
        """The questions of the successive rounds of free collection, each harder than the one before."""
        return await self._walk(Random(f"{seed}/0"))

    async def _attempt(self, seed: int, draft: Draft | None, rng: Random) -> Task | None:
        questions = (await self._walk(rng))[-1:] if draft is None else await self._draft(draft, rng)
        if not questions:
            return None
        question = rng.choice(questions)
        return self._task(seed, question, self._toolset(question, rng))

    def _feasible(self, draft: Draft) -> bool:
        """Whether the tools can be wired into this kind of proof at all."""
        rng, last = Random(str(draft)), self._deriver.subjects(draft.operator)
        return any(self._collector.wiring.plan(draft.chain, rng, last) for _ in range(PLANS))

    def _choose(self, rng: Random) -> Draft | None:
        """An operator first, then one of its shapes: no operator is rare for having few shapes. None means walk."""
        if self.config.difficulty.free:
            return None
        operator = rng.choice(list(dict.fromkeys(draft.operator for draft in self._drafts)))
        return rng.choice([draft for draft in self._drafts if draft.operator == operator])

    async def _draft(self, draft: Draft, rng: Random) -> list[Question]:
        """Questions of one kind of proof: plan its calls, make them, ask."""
        plan = self._collector.wiring.plan(draft.chain, rng, self._deriver.subjects(draft.operator))
        evidence = Evidence()
        places = plan and await self._collector.follow(plan, evidence, rng)
        if not places:
            return []
        if draft.operator not in SEVERAL:
            values = self._deriver.values(evidence, places[-1])
            return self._sound(self._deriver.on_one(value, draft.operator, rng) for value in values)
        family = await self._family(evidence, places[-1], draft.copies, rng, draft.operator)
        return self._sound([self._deriver.on_several(family, draft.operator, rng)]) if family else []

    async def _family(self, evidence: Evidence, target: int, members: int, rng: Random,
                      operator: str = "") -> Family | None:
        """The same number for `members` subjects, made by repeating the calls behind `target`."""
        fields = [value for value in self._deriver.values(evidence, target) if value.measurable]
        slots = self._collector.slots(target, evidence)
        if operator == "percent_change":
            slots = [slot for slot in slots if self._entity(evidence, slot) == "date"]
        if not fields or not slots:
            return None
        slot, name = rng.choice(slots), rng.choice(fields).field.name
        targets = [target]
        labels = [str(evidence.steps[slot.step].call.arguments[slot.parameter])]
        while len(targets) < members:
            before = len(evidence.steps)
            twin = await self._collector.twin(target, slot, evidence, rng)
            if twin is None:
                return None
            targets.append(twin)
            labels.append(self._label(evidence, slot, range(before, len(evidence.steps))))
        values = tuple(self._deriver.value(evidence, place, name) for place in targets)
        if any(evidence.steps[place].output.get(name) is None for place in targets) or len(set(labels)) < members:
            return None
        return Family(values, tuple(labels), self._entity(evidence, slot), slot.step, slot.parameter)

    def _entity(self, evidence: Evidence, slot: Slot) -> str:
        tool = self.tools[evidence.steps[slot.step].call.tool]
        return tool.parameters[slot.parameter].entity or slot.parameter

    def _label(self, evidence: Evidence, slot: Slot, new: Iterable[int]) -> str:
        tool = evidence.steps[slot.step].call.tool
        varied = next(index for index in new if evidence.steps[index].call.tool == tool)
        return str(evidence.steps[varied].call.arguments[slot.parameter])

    async def _walk(self, rng: Random) -> list[Question]:
        """Rounds of free collection; after each, a question harder than the last (if the evidence holds one)."""
        evidence, questions = Evidence(), list[Question]()
        values, families = list[Value](), list[Family]()
        for _ in range(self.config.rounds):
            known = len(evidence.steps)
            await self._collect(evidence, families, rng)
            values += [value for step in range(known, len(evidence.steps))
                       for value in self._deriver.values(evidence, step)]
            harder = self._harder(values, families, questions[-1].hardness if questions else 0, rng)
            if harder is not None:
                questions.append(harder)
        return questions

    def _harder(self, values: Sequence[Value], families: Sequence[Family], floor: int, rng: Random) -> Question | None:
        """A sound question above `floor`: the first, in random order, that is a step harder, else the least hard."""
        ways = [partial(self._deriver.on_one, value, operator) for value in values for operator in ON_ONE]
        ways += [partial(self._deriver.on_several, family, operator) for family in families for operator in ON_SEVERAL]
        rng.shuffle(ways)
        beyond: list[Question] = []
        for way in ways:
            question = way(rng, floor)
            if question is None or self._flawed(question):
                continue
            if question.hardness <= floor + STEP:
                return question
            beyond.append(question)
        return min(beyond, key=lambda one: one.hardness, default=None)

    async def _collect(self, evidence: Evidence, families: list[Family], rng: Random) -> None:
        """One round: two to six more calls."""
        end = len(evidence.steps) + rng.randint(2, CALLS_A_ROUND)
        for _ in range(2 * CALLS_A_ROUND):
            if len(evidence.steps) >= end:
                return
            if evidence.steps and rng.random() < 0.25:
                target = rng.randrange(len(evidence.steps))
                members = rng.choice((2, 2, 3))
                if len(evidence.slice([target])) * (members - 1) <= end - len(evidence.steps) \
                        and (family := await self._family(evidence, target, members, rng)):
                    families.append(family)
            else:
                await self._collector.extend(evidence, rng)

    def _sound(self, questions: Iterable[Question | None]) -> list[Question]:
        """The questions that pass the checks which need no replay."""
        return [one for one in questions if one is not None and not self._flawed(one)]

    def _flawed(self, question: Question) -> bool:
        if not question_belongs(question, self.tools, self.config.split):
            return True
        task = self._task(0, question, sorted({call.tool for call in question.proof.calls}))
        return bool(minimal(task, question.outputs) or grounded(task, self.tools) or leaked(task))

    def _task(self, seed: int, question: Question, toolset: Sequence[str]) -> Task:
        return Task(
            question=question.text, domain=self.config.domain, tools=tuple(toolset), answer=question.answer,
            proof=question.proof, seed=seed, world=self.host.world.version, split=self.config.split,
            measures=measures(question.proof, self.tools),
        )

    def _toolset(self, question: Question, rng: Random) -> list[str]:
        """The proof's tools among distractors, in random order."""
        needed = sorted({call.tool for call in question.proof.calls})
        others = sorted(set(self.tools) - set(needed))
        size = rng.randint(*self.config.toolset)
        chosen = [*needed, *rng.sample(others, max(0, min(size - len(needed), len(others))))]
        rng.shuffle(chosen)
        return chosen


def offered_tools(catalog: Catalog, domain: str) -> Catalog:
    """The tools of a domain and the general ones. Raises ValueError if the domain has none."""
    names = [name for name, tool in catalog.items() if tool.domain in (domain, "general")]
    if not any(catalog[name].domain == domain for name in names):
        raise ValueError(f"the host offers no tools of domain {domain!r}")
    return catalog.select(names)


def question_belongs(question: Question, tools: Mapping[str, Tool], split: Split) -> bool:
    """Whether a question about figures and days alone is of this split, by its own hash; names have been seen to."""
    named = any(argument_entities(tools[call.tool], literals(call)) for call in question.proof.calls)
    return named or split_of("question", question.text) is split
