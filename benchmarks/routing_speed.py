"""How long a decision takes in memory, at very many cases and agents.

    python -m benchmarks.routing_speed [--waiting 10000] [--agents 100 1000 10000]

CPU time of this thread, as the machine is shared. Bars: 99 of 100 decisions within 1 ms at the largest
floor, both when an agent is set free and when a case comes; the median grows at most twofold from the
smallest floor to the largest. Beside it stands the full scan, with the same answers.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
import time
from collections.abc import Callable

from benchmarks.ratio import percentile
from desk.routing.at_work import AgentAtWork, Skill
from desk.routing.board import Board
from desk.routing.decision import Decision, decide
from desk.routing.known_policies import DESK
from desk.routing.simulation.contacts import contacts
from desk.routing.simulation.lab import lab
from desk.routing.standing import Line, WaitingCase

P99_BAR_MS = 1.0
GROWTH_BAR = 2.0
DECISIONS = 3_000
SCANS = 20
NOW = 300.0
TOPICS = {100: 8, 1_000: 20}
MOST_TOPICS = 50


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.routing_speed")
    parser.add_argument("--waiting", type=int, default=10_000)
    parser.add_argument("--agents", type=int, nargs="+", default=[100, 1_000, 10_000])
    options = parser.parse_args()
    medians: dict[str, list[float]] = {"freed": [], "arrival": []}
    missed = []
    for count in options.agents:
        times = _measure(count, options.waiting)
        for name, of in times.items():
            median, p99 = (1e6 * percentile(of, share) for share in (0.5, 0.99))
            print(f"{count:6} agents  {name:9} p50 {median:8.1f} us  p99 {p99:8.1f} us", flush=True)
            if name in medians:
                medians[name].append(median)
                if count == options.agents[-1] and p99 > 1e3 * P99_BAR_MS:
                    missed.append(f"p99 {name}")
    for name, of in medians.items():
        growth = of[-1] / of[0]
        held = growth <= GROWTH_BAR
        print(f"GROWTH {name} x{growth:.2f} target<={GROWTH_BAR:g} {'PASS' if held else 'FAIL'}")
        missed += [] if held else [f"growth {name}"]
    print(
        f"BENCH routing_speed waiting={options.waiting} {'FAIL ' + ', '.join(missed) if missed else 'PASS'}"
    )
    return bool(missed)


def _measure(agents: int, waiting: int) -> dict[str, list[float]]:
    board, dice = _board(agents, waiting)
    numbers = list(board.agents)
    times: dict[str, list[float]] = {"freed": [], "arrival": [], "scan": []}
    gc.disable()
    for _ in range(DECISIONS):
        _one_freed(board, dice.choice(numbers), times["freed"])
        _one_arrives(board, dice, times["arrival"])
    for _ in range(SCANS):
        _one_scanned(board, dice.choice(numbers), times["scan"])
    gc.enable()
    return times


def _one_freed(board: Board, agent_id: int, times: list[float]) -> None:
    """An agent finishes something and is given the next; what is given comes back as a new case."""
    agent = board.agents[agent_id]
    channel = next((name for name, held in agent.taken.items() if held), None)
    if channel is not None:
        board.finish(agent_id, channel, NOW)
    decision = _timed(lambda: board.for_agent(agent_id, NOW), times)
    if decision is not None and decision.chosen is not None:
        case = board.give(decision)
        board.join(case, NOW)


def _one_scanned(board: Board, agent_id: int, times: list[float]) -> None:
    everything = board.cases.all(NOW)
    agent = board.agents[agent_id]
    _timed(lambda: decide(NOW, everything, (agent,), ahead=board.ahead, policy=DESK), times)


def _one_arrives(board: Board, dice: random.Random, times: list[float]) -> None:
    case_id = dice.randrange(1, len(board.cases))
    decision = _timed(lambda: board.for_case(case_id, NOW), times)
    if decision is not None and decision.chosen is not None:
        agent_id, channel = decision.chosen.agent.agent_id, decision.chosen.standing.case.line.channel
        board.join(board.give(decision), NOW)
        board.finish(agent_id, channel, NOW)


def _timed(deed: Callable[[], Decision | None], times: list[float]) -> Decision | None:
    begun = time.thread_time()
    found = deed()
    times.append(time.thread_time() - begun)
    return found


def _board(agents: int, waiting: int) -> tuple[Board, random.Random]:
    """A floor half of whose agents have room, before a backlog of which most can wait."""
    scenario = lab(1.0, agents=agents, topics=TOPICS.get(agents, MOST_TOPICS))
    board, dice = Board(DESK), random.Random(agents)
    people = []
    for number, one in enumerate(scenario.agents, start=1):
        skills = {topic: Skill(speed) for topic, speed in one.speeds.items()}
        agent = AgentAtWork(number, skills, idle_since=dice.random(), given_at=dice.random())
        for _ in range(dice.choice((2, 3))):
            agent.used, agent.held = agent.used + 2, agent.held + 1
            agent.taken["chat"] = agent.taken.get("chat", 0) + 1
        people.append(agent)
    board.put(people)
    board.expect(live=scenario.expected(["chat"], NOW, 4.0), whole={})
    topics = list(scenario.topics)
    sample = contacts(lab(1.0, agents=40), seed=1000)
    for case_id in range(1, waiting + 1):
        like = dice.choice(sample)
        since = NOW - dice.random() * like.target * 1.2
        line = Line(dice.choice(topics), like.channel)
        board.join(WaitingCase(case_id, line, since, since + like.target, like.value, like.tier), NOW)
    return board, dice


if __name__ == "__main__":
    sys.exit(main())
