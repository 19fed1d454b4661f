"""What a lock has to tell, in words."""

from __future__ import annotations

from collections.abc import Sequence

from cortexlock.cli import stale_words
from cortexlock.model import lock_facts as facts
from cortexlock.model.file_kind import is_environment_file
from cortexlock.model.lockfile_name import lockfile_name

_CHIPS = {"cpu": "CPUs", "cuda": "GPUs", "inf": "Inferentia chips"}
_NOT_CARRIED = {
    "prefix": "the environment is where `install --prefix` says",
    "variables": "no lockfile sets variables; set them in the image, or in a script",
    "platforms": "what is locked for is the project's images",
    "category": "a lockfile has no categories",
}
_AS_LOCKED = "as in the lockfile, as nothing else says it"


def words(note: facts.Note) -> str:  # noqa: PLR0911 - one for each fact
    """Return a note as one line."""
    match note:
        case facts.WillBeStale() | facts.WillBeStray():
            return _forecast(note)
        case facts.NothingLocked() | facts.Misspelt() | facts.UnreadFile():
            return _of_files(note)
        case facts.InUtf16() | facts.NotCarried() | facts.CommentedSelector():
            return _of_lines(note)
        case facts.KeptSettings(settings, is_image):
            what = "cortexlock.yaml is the place to say so" if is_image else "`--upgrade` asks anew"
            return f"{', '.join(settings)}: {_AS_LOCKED}; {what}"
        case facts.NoTargets():
            return "nothing says a predictor type (cortex.yaml, cortexlock.yaml, --predictor): no targets"
        case facts.OneOfSeveral(platform):
            return f"platforms have different dependency files: those of {platform} are shown"
        case facts.OtherChips(place, api, asks_for, image, platform):
            return (
                f"{place}: the API `{api}` computes on {_CHIPS[asks_for]}, and its image {image} is for "
                f"{_CHIPS[platform]}: what is locked is for the image"
            )
        case (
            facts.ChangedByPip()
            | facts.LocalRepository()
            | facts.Yanked()
            | facts.TakenMetadata()
            | facts.LocalChannel()
            | facts.OwnPipConfiguration()
        ):
            return _of_lockfile(note)
        case _:
            from cortexlock.cli import resolution_words  # noqa: PLC0415 - only a resolution has such facts

            return resolution_words.words(note)


def _forecast(note: facts.WillBeStale | facts.WillBeStray) -> str:
    match note:
        case facts.WillBeStale(lockfile, reason):
            said = stale_words.words(reason.fact)
            return f"{reason.file}: {said}: `check` calls {lockfile} stale unless the file says the same"
        case facts.WillBeStray(label, key):
            from cortexlock.lock.check_forecast import stray_hint  # noqa: PLC0415 - only such a note needs it

            what = f"{stale_words.kind_of(label)} {label}, which the project is not for"
            return f"{lockfile_name(label)} is for {what}: `check` calls it stray; {stray_hint(label, key)}"


def _of_files(note: facts.NothingLocked | facts.Misspelt | facts.UnreadFile) -> str:
    match note:
        case facts.NothingLocked(looked_for, described):
            by = f", as {described} says" if described else ""
            return f"nothing is locked: there is no {_either(looked_for)} here{by}"
        case facts.Misspelt(file, meant):
            return f"{file} is not read: did you mean {meant}?"
        case facts.UnreadFile(file, instead):
            if is_environment_file(file):
                return f"{file} is not read: say `environment: {file}` in cortexlock.yaml"
            return f"{file} is not read: write what it asks for into {instead}"


def _of_lines(note: facts.InUtf16 | facts.NotCarried | facts.CommentedSelector) -> str:
    match note:
        case facts.InUtf16(file):
            return f"{file} is UTF-16: it is read here, but the image's own conda fails on it; save it as UTF-8"
        case facts.NotCarried(file, line, key):
            place = f"{file}:{line}" if line else file
            return f"{place}: `{key}` is not carried: {_NOT_CARRIED[key]}"
        case facts.CommentedSelector(file, line, selector):
            return f"{file}:{line}: `{selector}` is a comment to conda: the line counts everywhere"


_OfLockfile = (
    facts.ChangedByPip
    | facts.LocalRepository
    | facts.Yanked
    | facts.TakenMetadata
    | facts.LocalChannel
    | facts.OwnPipConfiguration
)


def _of_lockfile(note: _OfLockfile) -> str:
    match note:
        case facts.ChangedByPip(name, before, after):
            return f"pip changes {name} {before} of conda's to {after}"
        case facts.LocalRepository(name, url):
            what = "a path of this machine, which the lockfile names: elsewhere it cannot be installed"
            return f"{name} is from {url}, {what}"
        case facts.Yanked(name, version):
            return f"{name} {version} is yanked: its makers have withdrawn it; ask for another version"
        case facts.TakenMetadata(name, version):
            return (
                f"{name} {version}: its requirements are those that its maker wrote into the sdist; `--python` "
                "with an environment like the image has a build tell them"
            )
        case facts.LocalChannel(channel):
            who = "whoever replays the lockfile needs it there"
            return f"the channel {channel} is a directory outside the project: {who}"
        case facts.OwnPipConfiguration(settings):
            return f"{' and '.join(settings)} of your own pip configuration counted: others need the same to install"


def _either(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else "".join(names)
