"""Carrying out a plan: it decides nothing, follows the order, and says what became of each step.

Steps run side by side where neither needs the other, so that a first apply is bound by the API and
not by waiting. A failed step blocks what needs it and nothing else. Killed anywhere, the next pass
finds what is left: every step is idempotent, and the marks are written with the things themselves.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace
from datetime import datetime
from graphlib import TopologicalSorter

from gitopsd.diff.holding import lapsed
from gitopsd.engine.performer import Performed, Performer
from gitopsd.engine.record import NOBODY, Beside, next_record, noted
from gitopsd.engine.waiting import Times
from gitopsd.engine.write_ahead import noted_ahead
from gitopsd.model.observed import ObservedTarget, Record
from gitopsd.model.outcome import Outcome, StepResult, StepState
from gitopsd.model.ownership import Owner
from gitopsd.model.plan import Plan, Step
from gitopsd.ports import UNTRACED, Progress, Site, Tracer, WorldError
from gitopsd.ports.pool import Pool

#: Seconds without news after which is told what is waited for, and between looks at `leave`.
_PATIENCE, _LOOK = 5.0, 0.25


@dataclass(frozen=True, slots=True)
class Execution:
    """What an execution needs beside the plan.

    `stop` is asked before each step: once it says true, or the site's term is over, nothing more is
    begun; once `leave` does too, what is under way is not waited for. `now` is the time to write
    into the record (RFC 3339), `beside` what the operator says beside the pass.
    `tracer` is told of every step that is begun.
    `workers` bounds the steps under way at once, and should not exceed the adapters' connections.
    """

    site: Site
    owner: Owner
    now: str
    progress: Progress = lambda _: None
    stop: Callable[[], bool] = lambda: False
    leave: Callable[[], bool] = lambda: False
    times: Times = field(default_factory=Times)
    workers: int = 8
    beside: Beside = NOBODY
    tracer: Tracer = UNTRACED


def execute(plan: Plan, observed: ObservedTarget, context: Execution) -> Outcome:
    """Do the steps that are not held; tell what became of every step, in the plan's order."""
    if context.site.cluster_writer is None:
        raise ValueError("a site without a writer can only be planned for")
    term = context.site.term
    times = context.times if term is None else replace(context.times, sleep=term.pause)
    noted_any = _note_ahead(plan, observed.record, context)
    performer = Performer(context.site, context.owner, observed, times)
    results = {step.key: _held(step) for step in plan.holds}
    digests: dict[str, str] = {}
    fields: dict[str, str] = {}
    for step, done in _run(plan.active, performer, context):
        results[step.key] = done.result
        if done.digest:
            digests[step.key] = done.digest
        if done.fields:
            fields[step.key] = done.fields
    ordered = tuple(results[step.key] for step in plan.steps)
    if context.leave():
        return Outcome(plan, ordered, ("the record of this pass was not kept",))
    record = next_record(
        plan,
        observed.record,
        ordered,
        digests,
        fields,
        context.now,
        gaps=observed.gaps,
        beside=context.beside,
    )
    if record is None and noted_any:
        record = observed.record  # nothing was begun after all
    notes = (*_keep_record(plan, record, context), *_lift_holds(plan, observed.record, context))
    return Outcome(plan, _remaining(plan, ordered), notes)


def _remaining(plan: Plan, results: tuple[StepResult, ...]) -> tuple[StepResult, ...]:
    """The results, what is held by the name of the plan that is left: that one can be approved."""
    left = plan.with_steps(r.step for r in results if r.state is not StepState.DONE)
    if left.hash == plan.hash:
        return results
    return tuple(
        _held(replace(r.step, hold=r.step.hold.of_plan(plan.hash, left.hash)))
        if r.state is StepState.HELD and r.step.hold
        else r
        for r in results
    )


def writes(plan: Plan, observed: ObservedTarget, now: str, *, beside: Beside = NOBODY) -> bool:
    """Whether executing a plan would write anything, the target's record included."""
    if plan.active or plan.wrong_cluster:
        return bool(plan.active)
    if lapsed(observed.record, datetime.fromisoformat(now)):
        return True
    held = tuple(map(_held, plan.holds))
    gaps, before = observed.gaps, observed.record
    after = next_record(plan, before, held, {}, {}, now, gaps=gaps, beside=beside)
    return after is not None


def note(plan: Plan, observed: ObservedTarget, context: Execution, withheld: str) -> Iterable[str]:
    """Note in the target's record that nothing of a plan was begun, and why.

    Nothing is noted twice in a row, nor where nothing was ever applied. Answers what went wrong.
    """
    before = observed.record
    if before is not None:
        after = noted(plan, before, context.now, withheld=withheld, beside=context.beside)
        yield from _keep_record(plan, after, context)


def _held(step: Step) -> StepResult:
    hold = step.hold
    return StepResult(step, StepState.HELD, hold.reason if hold else "",
                      hold.release if hold else "")  # fmt: skip


def _run(
    steps: Iterable[Step], performer: Performer, context: Execution
) -> Iterable[tuple[Step, Performed]]:
    """Perform the steps as their needs allow; yields each with what became of it."""
    by_key = {step.key: step for step in steps}
    graph = TopologicalSorter(
        {key: [need for need in step.needs if need in by_key] for key, step in by_key.items()}
    )
    graph.prepare()
    done: dict[str, StepState] = {}
    ready: deque[str] = deque()
    running: dict[Future[Performed], str] = {}
    pool = Pool(context.workers, thread_name_prefix="apply")
    try:
        while graph.is_active() and not context.leave():
            ready.extend(graph.get_ready())
            while ready and len(running) < context.workers:
                key = ready.popleft()
                skipped = _skip(by_key[key], done, context)
                if skipped is None:
                    running[pool.submit(_perform, performer, by_key[key], context.tracer)] = key
                else:
                    done[key] = skipped.result.state
                    graph.done(key)
                    yield by_key[key], skipped
            for future in _ended(running, done, len(by_key), context):
                key = running.pop(future)
                performed = future.result()
                done[key] = performed.result.state
                graph.done(key)
                context.progress(_so_far(done, len(by_key), context))
                yield by_key[key], performed
        for key in by_key.keys() - done.keys():
            yield by_key[key], _left(by_key[key], begun=key in running.values())
    finally:
        pool.shutdown(wait=not context.leave(), cancel_futures=True)


def _perform(performer: Performer, step: Step, tracer: Tracer) -> Performed:
    identity = step.identity
    about: dict[str, str] = {
        "gitopsd.step.operation": str(step.operation),
        "gitopsd.step.kind": step.kind,
        "gitopsd.step.name": identity.name,
        "k8s.namespace.name": identity.namespace,
    }
    with tracer.span(f"{step.operation} {step.kind}", about) as span:
        performed = performer.perform(step)
        state = performed.result.state
        span.note({"gitopsd.step.outcome": str(state)})
        if state is not StepState.DONE:
            span.fail(str(state), performed.result.detail)
    return performed


def _left(step: Step, *, begun: bool) -> Performed:
    """A step that was not waited for, or not begun, because somebody wanted to leave."""
    detail = "the pass was stopped before it"
    if begun:
        detail = "it was under way and not waited for: whether it is done, the next look tells"
    return Performed(StepResult(step, StepState.INTERRUPTED, detail, "run it again"))


def _ended(
    running: Mapping[Future[Performed], str],
    done: Mapping[str, StepState],
    total: int,
    context: Execution,
) -> Iterable[Future[Performed]]:
    """The steps that have ended, one at least; while none does, what is waited for is told.

    None when nobody wants to wait any more.
    """
    look, waited = min(_LOOK, _PATIENCE), 0.0
    while running and not context.leave():
        ended = wait(running, timeout=look, return_when=FIRST_COMPLETED).done
        if ended:
            return ended
        waited += look
        if waited >= _PATIENCE:
            waited = 0.0
            waiting = f"still at work: {next(iter(running.values()))}"
            context.progress(f"{_so_far(done, total, context)}; {waiting}")
    return ()


def _so_far(done: Mapping[str, StepState], total: int, context: Execution) -> str:
    """How many steps were done; those that failed or were never begun are none of them."""
    count = sum(state is StepState.DONE for state in done.values())
    return f"{context.owner.target}: {count} of {total} steps"


def _skip(step: Step, done: dict[str, StepState], context: Execution) -> Performed | None:
    """Why a step is not begun; None when it is."""
    for need in step.needs:
        if done.get(need, StepState.DONE) is not StepState.DONE:
            state = StepState.BLOCKED
            if done[need] is StepState.INTERRUPTED:
                state = StepState.INTERRUPTED
            return Performed(StepResult(step, state, f"it needs a step that was not done: {need}"))
    term = context.site.term
    if context.stop() or (term is not None and term.over):
        return _left(step, begun=False)
    return None


def _note_ahead(plan: Plan, before: Record | None, context: Execution) -> bool:
    """Note in the record what is about to be written; whether there was anything to note.

    A pass that cannot note it goes on: only one that is then killed leaves what nobody can explain.
    """
    record = noted_ahead(plan, before)
    if record is None or context.stop():
        return False
    for trouble in _keep_record(plan, record, context):
        context.progress(f"{context.owner.target}: noting what is about to be written: {trouble}")
    return True


def _keep_record(plan: Plan, record: Record | None, context: Execution) -> Iterable[str]:
    """Write the target's record if it says something new; a failure is a note, not a failure.

    Nothing that matters rests on the record (design §5): without it a deletion by hand shows as a
    change instead of drift.
    """
    if record is None or plan.wrong_cluster or context.site.cluster_writer is None:
        return
    try:
        context.site.cluster_writer.write_record(context.owner, record)
    except WorldError as error:
        yield f"the record of this pass could not be kept: {error}"


def _lift_holds(plan: Plan, record: Record | None, context: Execution) -> Iterable[str]:
    """Take holds that are over off the record; the plan has told of them (GX1008)."""
    if record is None or plan.wrong_cluster or context.site.cluster_writer is None:
        return
    for hold in lapsed(record, datetime.fromisoformat(context.now)):
        text = record.annotations[hold.key]
        try:
            context.site.cluster_writer.write_request(context.owner, hold.key, text, None)
        except WorldError as error:
            yield f"the {hold.path} hold of {hold.subject} is over and could not be lifted: {error}"
