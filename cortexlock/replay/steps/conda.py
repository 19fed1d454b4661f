"""The step that links conda packages, and what unlinks those that nobody asks for any more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from cortexlock import process
from cortexlock.conda import install as conda_install
from cortexlock.conda import prefix as conda_prefix
from cortexlock.errors import StepError
from cortexlock.inputs import conda_list, conda_spec
from cortexlock.model import replay_facts as facts
from cortexlock.model.conda_list import CondaList
from cortexlock.model.package import CondaPackage
from cortexlock.model.predictor import MACHINES, SUBDIR
from cortexlock.model.replay import ReplayEvent
from cortexlock.model.replay_facts import Why
from cortexlock.model.target import minor_of
from cortexlock.pip.prefix.recorded_files import discard, remove
from cortexlock.replay.checks.replaceable import is_remains, reinstalled_over, replaced_by_conda
from cortexlock.replay.prefix.receipt import WORKSPACE
from cortexlock.replay.prefix.state import State
from cortexlock.replay.steps.site import ReplayContext, ReplaySite
from cortexlock.replay.steps.unaltered import unaltered


def link_conda(packages: Sequence[CondaPackage], context: ReplayContext, *, file: str = "") -> None:
    """Link conda packages; what pip had installed of the same distributions is removed first, so that one copy is left.

    Args:
        packages: What to link.
        context: Where, and with what.
        file: The list that asked for it, relative to the project: conda finds its lines in the environment's history.

    Raises:
        StepError: It fails.
        IntegrityError: An archive was changed since it was verified.
    """
    site, state = context.site, context.state
    for name in sorted(replaced_by_conda(packages, state)):
        for distribution in state.of_pip(name):
            site.on_event(ReplayEvent("conda", facts.Removal(name, distribution.version, Why.CONDA_REPLACES)))
            if is_remains(distribution):
                discard(distribution.metadata)
            else:
                remove(distribution, state.prefix)
    _remove_pips_copies({package.name for package in packages}, state, site)
    site.on_event(ReplayEvent("conda", facts.Linking(len(packages)), 0, len(packages)))
    path = site.project / file
    subdirs = {package.subdir for package in packages}
    subdir = next((each for each in MACHINES if each in subdirs), SUBDIR)
    listed = conda_list.read(path, name=file, subdir=subdir) if path.is_file() else CondaList()
    archives = [(package, context.files[package.sha256]) for package in packages]
    same = unaltered((path, package.sha256) for package, path in archives)
    with same, TemporaryDirectory(prefix=WORKSPACE, dir=site.prefix) as workspace:
        conda_install.link(
            archives,
            conda_install.LinkPlace(site.prefix, Path(workspace), site.environment, site.keep),
            damaged={package.name for package in packages},
            scripts=site.link_scripts,
            project=site.project,
            specs=[conda_spec.conda_text(spec) for spec in listed.specs],
        )
    _check_python(packages, site)
    linked = facts.Linking(len(packages), ended=True)
    site.on_event(ReplayEvent("conda", linked, len(packages), len(packages), "milestone"))


def unlink_conda(names: Sequence[str], context: ReplayContext, *, why: Why) -> None:
    """Unlink conda packages.

    Args:
        names: What to unlink; each is there.
        context: Where.
        why: For what reason.

    Raises:
        StepError: It fails.
    """
    if not names:
        return
    site, state = context.site, context.state
    for name in names:
        removal = facts.Removal(name, state.conda[name].version, why)
        site.on_event(ReplayEvent("conda", removal, kind="milestone"))
    _remove_pips_copies(names, state, site)
    with TemporaryDirectory(prefix=WORKSPACE, dir=site.prefix) as workspace:
        conda_install.link(
            (),
            conda_install.LinkPlace(site.prefix, Path(workspace), site.environment, site.keep),
            remove=names,
            scripts=site.link_scripts,
        )


def _remove_pips_copies(names: Collection[str], state: State, site: ReplaySite) -> None:
    """Remove what pip has installed in the place of conda packages that change; files of the other ones stay."""
    copies = reinstalled_over(names, state)
    if not copies:
        return
    others = {site.prefix / path for path, name in conda_prefix.owners(site.prefix).items() if name not in names}
    for distribution in copies:
        removal = facts.Removal(distribution.name, distribution.version, Why.CONDA_CHANGES)
        site.on_event(ReplayEvent("conda", removal))
        remove(distribution, state.prefix, keep=others)


def _check_python(packages: Sequence[CondaPackage], site: ReplaySite) -> None:
    """Run the interpreter that a conda package brought: what follows is installed for it."""
    wanted = next((package.version for package in packages if package.name == "python"), None)
    if wanted is None:
        return
    try:
        command = (
            site.prefix / "bin" / "python",
            "-I",
            "-B",
            "-c",
            "import sys; print('%d.%d' % sys.version_info[:2])",
        )
        answer = process.run(command, env=site.environment).output
    except OSError as error:
        answer = str(error)
    if answer != minor_of(wanted):
        raise StepError(
            f"conda's package of Python {wanted} was linked, and the prefix's `bin/python` says {answer}",
            where="conda step",
            hint="start from a fresh copy of the image; if that does not help, the package is broken",
        )
