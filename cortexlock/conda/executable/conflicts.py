"""Which specifications cannot hold together, and why: conda's solver, saying no more than what is in conflict."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from types import SimpleNamespace
from typing import Any


class RefusedRequestError(Exception):
    """conda has no solution, or cannot read what it was asked.

    Attributes:
        name: conda's name for the error.
        blamed: Names of the packages whose specifications cannot hold together, none of them to spare; empty where the
            explanation says all.
    """

    def __init__(self, name: str, message: str, blamed: Sequence[str] = ()) -> None:
        """Keep the names, and conda's explanation as the message."""
        super().__init__(message)
        self.name = name
        self.blamed = tuple(blamed)


def fewest(specs: Sequence[str], holds: Callable[[Sequence[str]], bool]) -> tuple[str, ...]:
    """Return specifications that do not hold together, none of them to spare: without any one of them the others hold.

    Args:
        specs: Those that do not hold together, in their order.
        holds: Whether some of them do; asked about `2 * len(specs)` times at the most where few of them are at fault.
    """
    few, size = tuple(specs), len(specs)
    while size:
        start = 0
        while start < len(few):
            rest = few[:start] + few[start + size :]
            if rest and not holds(rest):
                few = rest
            else:
                start += size
        size //= 2
    return few


def needs(resolve: Any, specs: Iterable[Any]) -> Iterable[str]:  # noqa: ANN401 - conda is untyped
    """Yield what the newest package of each specification depends on; only what nobody has, where there is such."""
    for spec in specs:
        found = max(resolve.find_matches(spec), key=resolve.version_key, default=None)
        if found is not None:
            depends = resolve.ms_depends(found)
            missing = [each for each in depends if not resolve.find_matches(each)]
            yield f"  - {found.name}=={found.version} -> {', '.join(map(str, missing or depends))}"


def solver_on_index(conda: SimpleNamespace, index: dict[Any, Any]) -> Any:  # noqa: ANN401 - untyped
    """Return the solver's class, with an index of ours in place of one that it would fetch.

    Its `explains` says whether an error names what is in conflict with what, which takes longer than a solution.

    Args:
        conda: What is used of conda.
        index: The records; what was found out of them once, all solvers of the class know: they have the same channels.
    """

    class ResolveOnIndex(conda.Resolve):  # type: ignore[misc, name-defined]  # conda is untyped
        explains = False

        def find_conflicts(self, *arguments: Any) -> Any:  # noqa: ANN401 - as conda has it
            if not self.explains:
                raise conda.UnsatisfiableError({})
            return super().find_conflicts(*arguments)

        def _classify_bad_deps(self, *arguments: Any) -> Any:  # noqa: ANN401 - as conda has it
            # conda names all that anything asks of a package, whether or not some record of it would do for all.
            classes = super()._classify_bad_deps(*arguments)
            # A chain of one is the virtual package itself.
            asked = {conflict for conflict in classes["virtual_package"] if len(conflict[0]) > 1}
            classes["virtual_package"] = self._without_match(asked)
            if classes["virtual_package"] or classes["python"] or self._without_match(classes["direct"]):
                classes["direct"] = self._without_match(classes["direct"])
            return classes

        def _without_match(self, conflicts: Iterable[Any]) -> set[Any]:
            """Return the chains to packages of which no record is what each of these chains asks for."""
            asked: dict[str, list[Any]] = {}
            for conflict in conflicts:
                asked.setdefault(conflict[0][-1].name, []).append(conflict)
            return {
                conflict
                for group in asked.values()
                if not set.intersection(*(set(self.find_matches(chain[-1])) for chain, _ in group))
                for conflict in group
            }

    class SolverOnIndex(conda.Solver):  # type: ignore[misc, name-defined]  # conda is untyped
        explains = False

        def _prepare(self, prepared_specs: Collection[Any]) -> tuple[Any, Any]:
            resolve = shared[0] if shared else ResolveOnIndex(index, channels=self.channels)
            shared[:], resolve.explains = [resolve], self.explains
            self._index, self._r, self._prepared_specs, self._prepared = index, resolve, prepared_specs, True
            return self._index, self._r

    shared: list[ResolveOnIndex] = []
    return SolverOnIndex
